"""A two-alternative forced-choice study with people: made from two folders, served as a page, reported as a rate."""

from photochrom.evaluation.study.answers import Answers
from photochrom.evaluation.study.kit import Pair, Study, open_study
from photochrom.evaluation.study.making import StudyOptions, make_study
from photochrom.evaluation.study.summary import Summary, summarize

__all__ = ["Answers", "Pair", "Study", "StudyOptions", "Summary", "make_study", "open_study", "summarize"]
