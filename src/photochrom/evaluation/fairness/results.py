"""The measurements of a set of faces and the systems that coloured it, as frozen dataclasses and plain JSON values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from photochrom.evaluation.fairness.gap import Gap
from photochrom.evaluation.results.schema import Interval
from photochrom.system.decode import decode_dataclass

__all__ = ["FaceGroup", "FaceGrouping", "FaceReport", "FaceScores", "GroupScores"]


@dataclass(frozen=True)
class FaceGroup:
    """The true photos of a group.

    Attributes:
        name: the label, or the tone class.
        faces: how many are measured.
        no_skin: how many are left out since too little skin was found; 0 for tone classes, which need skin.
        coverage: mean share of the ellipse that is skin, 0..1, those left out counted in; does the rule see all groups
            alike?
        tone_angle: mean individual typology angle, degrees; None without faces.
        chroma: mean true chroma of skin: the error of an image left gray.
    """

    name: str
    faces: int
    no_skin: int
    coverage: float
    tone_angle: float | None
    chroma: float | None


@dataclass(frozen=True)
class GroupScores:
    """What one system does to a group: mean a*b* error, chroma shift and hue shift of skin; None without faces."""

    name: str
    error: Interval | None
    chroma: Interval | None
    hue: Interval | None


@dataclass(frozen=True)
class FaceGrouping:
    """One way to group the faces: a label of the set, age bands, or measured skin tone."""

    name: str
    groups: tuple[FaceGroup, ...]


@dataclass(frozen=True)
class FaceScores:
    """What one system does to skin.

    Attributes:
        key: the entry's in the results.
        label: for people.
        overall: of all faces.
        groups: grouping name to groups, in its order.
        gaps: grouping name to how far the worst group's error stands above the best's; None where groups are too small.
    """

    key: str
    label: str
    overall: GroupScores
    groups: dict[str, tuple[GroupScores, ...]]
    gaps: dict[str, Gap | None]


@dataclass(frozen=True)
class FaceReport:
    """All that is known about a set of faces and the systems that coloured it.

    Attributes:
        data: name of the set's file.
        found: faces in it.
        measured: those with enough skin.
        unreadable: what could not be read, each a sentence.
        rule: how skin was found.
        groupings: the set.
        systems: gray first.
    """

    data: str
    found: int
    measured: int
    unreadable: tuple[str, ...]
    rule: str
    groupings: tuple[FaceGrouping, ...]
    systems: tuple[FaceScores, ...]

    @classmethod
    def from_plain(cls, entries: Mapping[str, Any], where: str = "the results") -> "FaceReport":
        """Reads the field ``faces`` of the results, whether they come from JSON or were never in it.

        Raises:
            ResultsError: a field is missing, unknown or of a wrong type; ``where`` names the source.
        """
        return decode_dataclass(cls, json.loads(json.dumps(entries)), f"{where} (faces)")
