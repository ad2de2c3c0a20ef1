"""A two-alternative forced-choice study with people: made from two folders, served as a page, reported as a rate."""

from photochrom.user_study.create import StudyOptions, make_study
from photochrom.user_study.responses import Answers
from photochrom.user_study.study import Pair, Study, open_study
from photochrom.user_study.summary import Summary, summarize

__all__ = ["Answers", "Pair", "Study", "StudyOptions", "Summary", "make_study", "open_study", "summarize"]
