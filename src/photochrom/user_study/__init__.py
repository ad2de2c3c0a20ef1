"""A two-alternative forced-choice study with people: created from two folders, served as a page, reported as a rate."""

from photochrom.deprecations import find_attribute
from photochrom.user_study.create import StudyOptions, create_study
from photochrom.user_study.responses import Answers
from photochrom.user_study.study import Pair, Study, open_study
from photochrom.user_study.summary import Summary, summarize

__all__ = ["Answers", "Pair", "Study", "StudyOptions", "Summary", "create_study", "open_study", "summarize"]


def __getattr__(name: str) -> object:
    return find_attribute(__name__, name)
