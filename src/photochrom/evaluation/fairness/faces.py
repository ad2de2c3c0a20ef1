"""Error on skin, by the labels of a set of faces and by measured skin tone.

A colorizer that is wrong about skin is wrong about people, and not about all people alike. The set is a Parquet file of
face chips with a column ``image`` {bytes, path} and any of: columns whose name ends in ``_label``, and ``age``. The
labels are those the set's makers gave; nobody in it was asked.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.datasets.sources.photo_set import Shards, decode
from photochrom.errors import DataError, EvaluationError
from photochrom.evaluation.fairness.gap import measure_gap
from photochrom.evaluation.fairness.results import FaceGroup, FaceGrouping, FaceReport, FaceScores, GroupScores
from photochrom.evaluation.fairness.skin import (
    LEAST_COVERAGE,
    SKIN_RULE,
    TONES,
    Skin,
    SkinShift,
    find_skin,
    measure_shift,
    tone_of,
)
from photochrom.evaluation.inputs.protocol import crop, gray_of
from photochrom.evaluation.inputs.split import Split, choose_photos
from photochrom.evaluation.statistics.bootstrap import Bootstrap

__all__ = ["FaceSystem", "measure_faces", "read_faces"]

Pixels = NDArray[np.uint8]

#: name of the grouping by measured skin tone
BY_TONE = "skin tone"
#: last year of a band, and its name
AGES = ((17, "0-17"), (39, "18-39"), (64, "40-64"), (10_000, "65 and over"))


@dataclass(frozen=True)
class FaceSystem:
    """A system to measure.

    Attributes:
        key: the entry's in the results.
        label: its name for people.
        colorize: gray (H,W) uint8 to colour (H,W,3) uint8, sRGB; called from several threads where ``jobs`` allows.
    """

    key: str
    label: str
    colorize: Callable[[Pixels], Pixels]


@dataclass(frozen=True)
class _FaceMeasurement:
    """The measurement of one face: labels, skin if there is enough of it, and how each system shifted it."""

    labels: dict[str, str]
    coverage: float
    skin: Skin | None
    shifts: tuple[SkinShift, ...]


def read_faces(place: Path) -> tuple[Shards, list[dict[str, str]]]:
    """Opens a Parquet file of faces: its photos, and the labels of each, age in bands.

    Raises:
        DataError: it is not such a file, or has neither a column ending in ``_label`` nor ``age``.
    """
    import pyarrow
    import pyarrow.parquet

    photos = Shards([place])
    names = pyarrow.parquet.read_schema(place).names
    wanted = [name for name in names if name.endswith("_label") or name == "age"]
    if not wanted:
        raise DataError("evaluation.labels_missing", path=place)
    try:
        rows = pyarrow.parquet.read_table(place, columns=wanted).to_pylist()
    except (OSError, pyarrow.ArrowException) as error:
        raise DataError("evaluation.data_damaged", path=place) from error
    return photos, [{_title(name): _word(name, value) for name, value in row.items()} for row in rows]


def _title(column: str) -> str:
    return column.removesuffix("_label")


def _word(column: str, value: Any) -> str:
    if value is None:
        return "not given"
    if column != "age":
        return str(value)
    if isinstance(value, int | float) and value >= 0:
        return next(name for last, name in AGES if value < last + 1)
    return "not given"


def measure_faces(
    place: Path,
    systems: Sequence[FaceSystem],
    *,
    seed: int = 0,
    split: Split = "all",
    limit: int | None = None,
    jobs: int = 1,
    on_face: Callable[[], None] | None = None,
) -> FaceReport:
    """Colours a set of faces and measures their skin; "left gray" is always measured first, for comparison.

    Each face is brought to the protocol's square (:func:`~photochrom.evaluation.inputs.protocol.crop`) and made gray
    from L*.

    Args:
        place: a Parquet file, see the module.
        systems: what colours them.
        seed: of the intervals.
        split: which half of the set, or all; see :mod:`photochrom.evaluation.inputs.split`.
        limit: only so many faces, spread evenly over the set or its half; None for all.
        jobs: faces at the same time, in threads.
        on_face: called after each face.

    Raises:
        DataError: the set cannot be read.
        EvaluationError: no face in it has skin that the rule finds, or the half has no faces.
        OptionError: ``limit`` is below 1.
    """
    photos, labels = read_faces(place)
    gray = FaceSystem("gray", "left gray", lambda pixels: np.stack([pixels] * 3, axis=-1))
    systems = [gray, *systems]
    chosen = choose_photos(photos, name=place.name, split=split, limit=limit)

    def measure(truth: Pixels, index: int) -> _FaceMeasurement:
        skin = find_skin(truth)
        coverage = skin.coverage if skin else 0.0
        if skin is None or coverage < LEAST_COVERAGE:
            return _FaceMeasurement(labels[index], coverage, None, ())
        shifts = tuple(measure_shift(system.colorize(gray_of(truth)), skin) for system in systems)
        return _FaceMeasurement(labels[index], coverage, skin, shifts)

    measured, unreadable = [], []
    with ThreadPoolExecutor(jobs) as pool:
        # in small groups, so that neither photos nor futures pile up
        for start in range(0, len(chosen), 4 * jobs):
            waiting = []
            for index in chosen[start : start + 4 * jobs]:
                try:
                    waiting.append(pool.submit(measure, crop(decode(photos, index, at_least=0)), index))
                except DataError as error:
                    unreadable.append(str(error))
            for future in waiting:
                measured.append(future.result())
                if on_face is not None:
                    on_face()
    if not any(face.skin for face in measured):
        raise EvaluationError("evaluation.no_skin", path=place)
    return FaceReport(
        data=place.name,
        found=len(chosen),
        measured=sum(face.skin is not None for face in measured),
        unreadable=tuple(unreadable),
        rule=SKIN_RULE,
        groupings=tuple(_describe(name, words, measured) for name, words in _groupings(measured)),
        systems=tuple(_score(system, i, measured, seed) for i, system in enumerate(systems)),
    )


def _groupings(measured: Sequence[_FaceMeasurement]) -> Iterator[tuple[str, list[str]]]:
    """Yields the ways to group, in the order to show them: labels as the set has them, measured tone before age."""
    names = list(measured[0].labels)
    for name in [*(name for name in names if name != "age"), BY_TONE, *(name for name in names if name == "age")]:
        if name == BY_TONE:
            yield name, [tone for tone, _ in TONES]
            continue
        found = Counter(face.labels[name] for face in measured)
        bands = [band for _, band in AGES] if name == "age" else []
        yield name, [band for band in bands if band in found] + sorted(set(found) - set(bands))


def _find_group(face: _FaceMeasurement, grouping: str) -> str:
    if grouping != BY_TONE:
        return face.labels[grouping]
    return tone_of(face.skin.tone_angle) if face.skin else ""


def _describe(name: str, words: Sequence[str], measured: Sequence[_FaceMeasurement]) -> FaceGrouping:
    groups = []
    for word in words:
        faces = [face for face in measured if _find_group(face, name) == word]
        skins = [face.skin for face in faces if face.skin]
        groups.append(
            FaceGroup(
                name=word,
                faces=len(skins),
                no_skin=len(faces) - len(skins),
                coverage=float(np.mean([face.coverage for face in faces])) if faces else 0.0,
                tone_angle=float(np.mean([skin.tone_angle for skin in skins])) if skins else None,
                chroma=float(np.mean([skin.chroma for skin in skins])) if skins else None,
            )
        )
    return FaceGrouping(name, tuple(groups))


def _score(system: FaceSystem, number: int, measured: Sequence[_FaceMeasurement], seed: int) -> FaceScores:
    faces = [face for face in measured if face.skin]
    # NaN: no hue to speak of
    none = float("nan")
    shifts = [face.shifts[number] for face in faces]
    table = np.array([(s.error, s.chroma, none if s.hue is None else s.hue) for s in shifts])
    groups, gaps = {}, {}
    for grouping, words in _groupings(measured):
        place = np.array([_find_group(face, grouping) for face in faces], np.str_)
        groups[grouping] = tuple(_sum_up(word, table[place == word], seed) for word in words)
        gaps[grouping] = measure_gap(table[:, 0], place.tolist(), seed)
    return FaceScores(system.key, system.label, _sum_up("all", table, seed), groups, gaps)


def _sum_up(name: str, table: NDArray[np.float64], seed: int) -> GroupScores:
    if not len(table):
        return GroupScores(name, None, None, None)
    found = Bootstrap(len(table), seed).means(table)
    error, chroma, hue = (None if np.isnan(interval.mean) else interval for interval in found)
    return GroupScores(name, error, chroma, hue)
