"""Skin, its tone, and what a colouring does to it, by group: known answers, real faces, bad sets."""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.color.conversion import lab_to_srgb, srgb_to_lab
from photochrom.errors import DataError, EvaluationError, ResultsError
from photochrom.evaluation.fairness.faces import FaceSystem, measure_faces, read_faces
from photochrom.evaluation.fairness.gap import measure_gap
from photochrom.evaluation.fairness.results import FaceReport
from photochrom.evaluation.fairness.skin import find_skin, measure_shift, tone_of
from photochrom.evaluation.inputs.protocol import gray_of

pyarrow = pytest.importorskip("pyarrow", reason="sets of faces are Parquet: needs the evaluate extra")
parquet = pytest.importorskip("pyarrow.parquet")

SHARED = Path(__file__).parents[2] / "../shared/data/benchmark/faces.parquet"
#: L*, a*, b* of skin from very light to dark, as photographed
SKINS = {"very light": (80, 8, 13), "light": (70, 10, 19), "intermediate": (63, 12, 19), "tan": (57, 14, 22),
         "brown": (44, 14, 20), "dark": (28, 10, 12)}  # fmt: skip


def chip(skin: Sequence[float], *, noise: float = 3.0, hair: float = 12.0) -> np.ndarray:
    """A drawn face: skin of one colour, dark hair above, eyes, teeth, a blue wall; (200,200,3) uint8."""
    y, x = np.mgrid[:200, :200] / 200
    lab = np.empty((3, 200, 200))
    lab[:] = np.array((55.0, -4.0, -25.0))[:, None, None]
    face = ((x - 0.5) / 0.36) ** 2 + ((y - 0.55) / 0.43) ** 2 <= 1
    lab[:, face] = np.array(skin, float)[:, None]
    lab[0][face] += np.random.default_rng(0).normal(0, noise, face.sum())
    lab[:, (y < 0.24) & face] = np.array((hair, 2.0, 3.0))[:, None]
    for middle in (0.38, 0.62):
        lab[:, ((x - middle) / 0.05) ** 2 + ((y - 0.45) / 0.03) ** 2 <= 1] = np.array((6.0, 0.0, 0.0))[:, None]
    lab[:, (abs(x - 0.5) < 0.09) & (abs(y - 0.75) < 0.02)] = np.array((93.0, 0.0, 6.0))[:, None]
    return np.rint(np.clip(np.moveaxis(lab_to_srgb(lab), 0, -1), 0, 1) * 255).astype(np.uint8)


def recolored(truth: np.ndarray, *, turn: float = 0.0, scale: float = 1.0) -> np.ndarray:
    """The same lightness, hue turned by degrees and chroma scaled."""
    lab = srgb_to_lab(np.moveaxis(truth, -1, 0) / 255.0)
    a, b = lab[1:] * scale
    angle = np.radians(turn)
    lab[1:] = a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle)
    return np.rint(np.clip(np.moveaxis(lab_to_srgb(lab), 0, -1), 0, 1) * 255).astype(np.uint8)


@pytest.mark.parametrize("tone", SKINS)
def test_skin_is_found_alike_on_every_tone(tone: str) -> None:
    skin = find_skin(chip(SKINS[tone]))
    assert skin is not None
    # the ellipse less hair, eyes and teeth, on every tone
    assert skin.coverage == pytest.approx(0.93, abs=0.05)
    assert tone_of(skin.tone_angle) == tone
    light, a, b = SKINS[tone]
    assert skin.tone_angle == pytest.approx(np.degrees(np.arctan((light - 50) / b)), abs=1.5)
    assert skin.chroma == pytest.approx(np.hypot(a, b), abs=0.5)


def test_a_gray_photo_has_no_skin() -> None:
    gray = gray_of(chip(SKINS["tan"]))
    assert find_skin(np.stack([gray] * 3, -1)) is None


def test_known_shifts() -> None:
    truth = chip(SKINS["intermediate"])
    skin = find_skin(truth)
    assert skin is not None
    same = measure_shift(truth, skin)
    assert (same.error, same.hue, same.chroma) == pytest.approx((0, 0, 0), abs=1e-9)
    gray = measure_shift(np.stack([gray_of(truth)] * 3, -1), skin)
    assert gray.error == pytest.approx(skin.chroma, abs=0.2)
    assert gray.chroma == pytest.approx(-skin.chroma, abs=0.2)
    assert gray.hue is None
    for turn in (-30.0, 20.0):
        turned = measure_shift(recolored(truth, turn=turn), skin)
        assert turned.hue == pytest.approx(turn, abs=1.0)
        assert turned.chroma == pytest.approx(0, abs=0.5)
        assert turned.error == pytest.approx(2 * skin.chroma * np.sin(np.radians(abs(turn) / 2)), abs=0.6)
    pale = measure_shift(recolored(truth, scale=0.5), skin)
    assert pale.chroma == pytest.approx(-skin.chroma / 2, abs=0.5)
    assert pale.hue == pytest.approx(0, abs=1.5)


def test_the_gap_between_groups() -> None:
    rng = np.random.default_rng(0)
    groups = ["near"] * 100 + ["far"] * 100 + ["few"] * 5
    values = np.concatenate([rng.normal(10, 1, 100), rng.normal(12, 1, 100), np.full(5, 90.0)])
    gap = measure_gap(values, groups, 0)
    assert gap is not None
    assert (gap.worst, gap.best) == ("far", "near")
    assert gap.ratio.mean == pytest.approx(values[100:200].mean() / values[:100].mean())
    assert gap.ratio.low is not None
    assert gap.ratio.high is not None
    assert gap.ratio.low < gap.ratio.mean < gap.ratio.high
    assert gap.ratio.low > gap.chance > 1.0
    assert gap.p_value == 1 / 2000
    assert measure_gap(values, groups, 0) == gap
    assert measure_gap(values, ["one"] * len(values), 0) is None


def test_no_gap_where_labels_mean_nothing() -> None:
    rng = np.random.default_rng(1)
    found = []
    for seed in range(40):
        gap = measure_gap(rng.gamma(4, 2, 200), rng.choice(["a", "b", "c", "d"], 200).tolist(), seed)
        assert gap is not None
        assert gap.ratio.mean > 1
        found.append(gap.p_value)
    # about one of twenty is below 0.05
    assert sum(p < 0.05 for p in found) <= 6
    assert max(found) > 0.5


def webp(pixels: np.ndarray) -> bytes:
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "WEBP", lossless=True)
    return stream.getvalue()


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    """A real face: Eileen Collins, NASA."""
    return skimage.data.astronaut()[15:205, 125:315]


def write_faces(path: Path, rows: list[dict[str, Any]]) -> Path:
    image = [{"bytes": row.pop("bytes"), "path": "face.webp"} for row in rows]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    parquet.write_table(pyarrow.table({"image": image, **columns}), path)
    return path


def sepia(gray: np.ndarray) -> np.ndarray:
    lab = np.stack([np.zeros(gray.shape)] * 3)
    lab[0] = srgb_to_lab(np.stack([gray / 255.0] * 3))[0]
    lab[1:] = np.array((12.0, 18.0))[:, None, None]
    return np.rint(np.clip(np.moveaxis(lab_to_srgb(lab), 0, -1), 0, 1) * 255).astype(np.uint8)


HOSTILE = '<script>alert("group")</script>'


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory, astronaut: np.ndarray) -> Path:
    rows: list[dict[str, Any]] = [
        {"bytes": webp(chip(skin)), "group_label": name, "age": 20 + i}
        for i, (name, skin) in enumerate(list(SKINS.items())[1:4])
    ]
    rows.append({"bytes": webp(astronaut), "group_label": HOSTILE, "age": 43})
    rows.append({"bytes": webp(np.stack([gray_of(astronaut)] * 3, -1)), "group_label": "tan", "age": 17})
    rows.append({"bytes": b"no photo at all", "group_label": "tan", "age": 3})
    rows.append({"bytes": webp(chip(SKINS["tan"])), "group_label": None, "age": None})
    return write_faces(tmp_path_factory.mktemp("faces") / "faces.parquet", rows)


def test_a_set_of_faces(faces: Path) -> None:
    steps: list[int] = []
    system = FaceSystem("sepia", "sepia", sepia)
    report = measure_faces(faces, [system], on_face=lambda: steps.append(1))
    assert (report.found, report.measured, len(steps)) == (7, 5, 6)
    assert len(report.unreadable) == 1
    assert "row 5" in report.unreadable[0]
    groupings = {grouping.name: {group.name: group for group in grouping.groups} for grouping in report.groupings}
    assert list(groupings) == ["group", "skin tone", "age"]
    assert groupings["group"]["tan"].no_skin == 1
    assert groupings["group"]["tan"].faces == 1
    assert groupings["group"]["not given"].faces == 1
    assert groupings["group"][HOSTILE].coverage > 0.7
    assert {name: group.faces for name, group in groupings["age"].items()} == {
        "0-17": 0, "18-39": 3, "40-64": 1, "not given": 1
    }  # fmt: skip
    assert sum(group.faces for group in groupings["skin tone"].values()) == 5
    gray, made = report.systems
    assert (gray.key, made.key) == ("gray", "sepia")
    assert gray.overall.hue is None
    assert gray.overall.error is not None
    assert made.overall.error is not None
    assert made.overall.error.mean < gray.overall.error.mean / 2
    # too few faces of each to compare
    assert set(made.gaps.values()) == {None}
    plain = json.loads(json.dumps(asdict(report)))
    assert FaceReport.from_plain(plain) == report
    assert measure_faces(faces, [system], jobs=3) == report
    with pytest.raises(ResultsError):
        FaceReport.from_plain({**plain, "found": "many"})


def test_bad_sets(tmp_path: Path, astronaut: np.ndarray) -> None:
    unlabelled = write_faces(tmp_path / "unlabelled.parquet", [{"bytes": webp(astronaut), "source": "nasa"}])
    with pytest.raises(DataError, check=lambda error: error.code == "evaluation.labels_missing"):
        read_faces(unlabelled)
    gray = np.stack([gray_of(astronaut)] * 3, -1)
    colourless = write_faces(tmp_path / "colourless.parquet", [{"bytes": webp(gray), "group_label": "one"}])
    with pytest.raises(EvaluationError, check=lambda error: error.code == "evaluation.no_skin"):
        measure_faces(colourless, [])
    with pytest.raises(DataError):
        read_faces(tmp_path / "nothing.parquet")


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_damaged_set_is_one_error(faces: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = bytearray(faces.read_bytes())
    # the footer, where the table is described; what is before it are photos
    for place in data.draw(st.lists(st.integers(len(content) - 400, len(content) - 1), min_size=1, max_size=3)):
        content[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("damaged") / "faces.parquet"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    # it may still be sound where it was changed; anything else is our own error
    with contextlib.suppress(DataError):
        photos, labels = read_faces(path)
        assert len(photos) == len(labels)


@pytest.mark.skipif(not SHARED.exists(), reason="shared data not here")
def test_the_rule_sees_all_groups_of_real_faces_alike() -> None:
    report = measure_faces(SHARED, [], limit=200, jobs=2)
    groups = next(grouping.groups for grouping in report.groupings if grouping.name == "group")
    assert len(groups) == 5
    coverages = [group.coverage for group in groups]
    assert min(coverages) > 0.8
    assert max(coverages) - min(coverages) < 0.08
    assert all(group.no_skin <= 0.06 * (group.faces + group.no_skin) for group in groups)
