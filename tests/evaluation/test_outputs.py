"""Predictions of another program, found by name."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import EvaluationError
from photochrom.evaluation.inputs.predictions import Predictions, UnusablePredictionError


def save(path: Path, size: tuple[int, int] = (20, 10), color: str = "red") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, color).save(path)


def kind_of(predictions: Predictions, photo: str) -> str:
    with pytest.raises(UnusablePredictionError) as caught:
        predictions.read(photo, (10, 20, 3))
    return caught.value.kind


def test_by_path_or_by_name(tmp_path: Path) -> None:
    save(tmp_path / "sea" / "1.png")
    save(tmp_path / "wood" / "1.jpg")
    save(tmp_path / "2.webp")
    predictions = Predictions(tmp_path)
    assert predictions.find("sea/1") == tmp_path / "sea" / "1.png"
    assert predictions.find("wood/1") == tmp_path / "wood" / "1.jpg"
    # a program that puts all into one folder
    assert predictions.find("sky/2") == tmp_path / "2.webp"
    # wood/1 may be sea/1 of a program that does so
    assert predictions.find_unmatched(["sea/1", "sky/2"]) == []
    assert predictions.find_unmatched(["sea/1", "wood/1", "3"]) == ["2.webp"]


def test_what_cannot_be_scored_is_named(tmp_path: Path) -> None:
    save(tmp_path / "small.png", (19, 10))
    save(tmp_path / "turned.png", (10, 20))
    save(tmp_path / "twice.png")
    save(tmp_path / "twice.jpg")
    save(tmp_path / "cut.png", (20, 10))
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:40])
    (tmp_path / "none.png").write_text("no picture")
    predictions = Predictions(tmp_path)
    kinds = {name: kind_of(predictions, name) for name in ("small", "turned", "twice", "cut", "none", "absent")}
    assert kinds == {
        "small": "size differs",
        "turned": "size differs",
        "twice": "missing prediction",
        "cut": "unreadable prediction",
        "none": "unreadable prediction",
        "absent": "missing prediction",
    }


def test_pixels_are_srgb_and_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = np.random.default_rng(0).integers(0, 256, (20, 10, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(Predictions(tmp_path).read("a", (10, 20, 3)), np.rot90(pixels, -1))
    # a gray answer is an answer
    Image.new("L", (20, 10), 77).save(tmp_path / "b.png")
    assert (Predictions(tmp_path).read("b", (10, 20, 3)) == 77).all()


def test_a_folder_without_pictures(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(EvaluationError, check=lambda error: error.code == "evaluation.no_predictions"):
            Predictions(folder)


def test_the_fingerprint_knows_another_folder(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    first = Predictions(tmp_path).fingerprint()
    assert Predictions(tmp_path).fingerprint() == first
    save(tmp_path / "a.png", (21, 10))
    assert Predictions(tmp_path).fingerprint() != first
