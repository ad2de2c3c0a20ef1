"""The report of a study: how often the model's images were taken for real, or liked better, and how sure that is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photochrom.errors import MissingDependencyError, StudyError
from photochrom.evaluation.results.schema import Interval
from photochrom.user_study.responses import Answers, RecordedAnswer
from photochrom.user_study.study import ANSWERS, Ask, Study, open_study

__all__ = ["ATTENTION", "PairRate", "Summary", "summarize"]

#: who gets a smaller share of the attention checks right is not counted
ATTENTION = 2 / 3
RESAMPLES = 10_000


@dataclass(frozen=True)
class PairRate:
    """One photo: how many counted answers, and how many of them chose the second folder's version."""

    name: str
    answers: int
    chosen: int


@dataclass(frozen=True)
class Summary:
    """The report of a study.

    Attributes:
        ask: ``real`` or ``better``.
        names: what the two folders hold.
        joined: participants who agreed.
        finished: those who answered every pair.
        inattentive: those of the finished who failed the attention checks; they are not counted.
        participants: who is counted.
        answers: test answers of theirs that are counted.
        interrupted: test answers of theirs that are not, for the page was hidden while the pictures were shown.
        rate: share of counted answers that chose the second folder's picture, 0..1, with a 95 % interval by bootstrap
            over participants; in a study that asks for the real one, the fooling rate. No interval of one participant.
        wilson: 95 % interval of the same share as if all answers were independent (Wilson 1927).
        p_value: two-sided, binomial, against one half: no better than a guess, or none liked better.
        everybody: the share without leaving out the inattentive.
        checks: share of attention checks that the finished got right, 0..1; None without checks.
        first: share of counted answers that chose the picture shown first; far from one half is a habit.
        shown_ms: median of how long a picture was really shown.
        answer_ms: median of how long an answer took.
        pairs: by photo, the most chosen first.
    """

    ask: Ask
    names: tuple[str, ...]
    joined: int
    finished: int
    inattentive: int
    participants: int
    answers: int
    interrupted: int
    rate: Interval
    wilson: Interval
    p_value: float
    everybody: float
    checks: float | None
    first: float
    shown_ms: float
    answer_ms: float
    pairs: tuple[PairRate, ...]


def summarize(folder: Path) -> Summary:
    """Sums up the answers of a study so far. Participants who have not finished are not counted.

    The rate is Zhang et al.'s ("Colorful Image Colorization", 2016): 50 % is as good as real, and more is possible
    where the real photo looks odd.

    Raises:
        StudyError: the folder is not a study, or nobody has finished.
        MissingDependencyError: scipy is not installed.
    """
    try:
        from scipy.stats import binomtest
    except ImportError as error:
        raise MissingDependencyError("Reporting a study", "evaluate") from error
    study = open_study(folder)
    answers = Answers(folder / ANSWERS)
    joined, _ = answers.count_participants()
    finished = set(answers.list_finished())
    given = [answer for answer in answers.list_recorded() if answer.participant in finished]
    attentive = {person for person in finished if _measure_attention(given, person) >= ATTENTION}
    tests = [answer for answer in given if answer.kind == "test" and not answer.interrupted]
    counted = [answer for answer in tests if answer.participant in attentive]
    if not counted:
        raise StudyError(
            "study.no_answers",
            folder=folder,
            joined=joined,
            finished=len(finished),
            attentive=len(attentive),
        )
    chosen = sum(answer.choice == "b" for answer in counted)
    test = binomtest(chosen, len(counted))
    wilson = test.proportion_ci(method="wilson")
    checks = [answer.choice == "a" for answer in given if answer.kind == "check" and not answer.interrupted]
    return Summary(
        ask=study.ask,
        names=study.names,
        joined=joined,
        finished=len(finished),
        inattentive=len(finished) - len(attentive),
        participants=len({answer.participant for answer in counted}),
        answers=len(counted),
        interrupted=sum(a.kind == "test" and a.interrupted and a.participant in attentive for a in given),
        rate=_over_participants(counted, study.seed),
        wilson=Interval(chosen / len(counted), float(wilson.low), float(wilson.high)),
        p_value=float(test.pvalue),
        everybody=sum(answer.choice == "b" for answer in tests) / len(tests),
        checks=float(np.mean(checks)) if checks else None,
        first=sum(answer.choice == answer.first for answer in counted) / len(counted),
        shown_ms=float(np.median([ms for answer in counted for ms in (answer.first_ms, answer.second_ms)])),
        answer_ms=float(np.median([answer.answer_ms for answer in counted])),
        pairs=_by_pair(counted, study),
    )


def _measure_attention(given: Sequence[RecordedAnswer], participant: int) -> float:
    """Returns the share of a participant's attention checks that are right; 1 of a study without them."""
    mine = [a.choice == "a" for a in given if a.participant == participant and a.kind == "check" and not a.interrupted]
    return sum(mine) / len(mine) if mine else 1.0


def _over_participants(counted: Sequence[RecordedAnswer], seed: int) -> Interval:
    """Returns the share, with an interval over whole participants, whose own answers are not independent."""
    people, index = np.unique([answer.participant for answer in counted], return_inverse=True)
    chosen = np.bincount(index, [answer.choice == "b" for answer in counted])
    answers = np.bincount(index)
    rate = float(chosen.sum() / answers.sum())
    if len(people) < 2:
        return Interval(rate)
    drawn = np.random.default_rng(seed).integers(0, len(people), (RESAMPLES, len(people)))
    low, high = np.percentile(chosen[drawn].sum(axis=1) / answers[drawn].sum(axis=1), [2.5, 97.5]).tolist()
    return Interval(rate, low, high)


def _by_pair(counted: Sequence[RecordedAnswer], study: Study) -> tuple[PairRate, ...]:
    answers = Counter(answer.pair for answer in counted)
    chosen = Counter(answer.pair for answer in counted if answer.choice == "b")
    rates = [PairRate(study.pairs[pair].name, answers[pair], chosen[pair]) for pair in answers]
    return tuple(sorted(rates, key=lambda rate: (-rate.chosen / rate.answers, -rate.answers, rate.name)))
