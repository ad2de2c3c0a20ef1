"""One photo learnt by heart."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from skimage import data
from skimage.color import rgb2lab

from photochrom.cli.main import main
from photochrom.errors import DataError, OptionError, PhotochromError, RecipeError, TrainingError
from photochrom.training.overfit import MARKS, OverfitOptions, Shot, least_error, overfit


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "coffee.png"
    Image.fromarray(data.coffee()).resize((96, 64)).save(path)
    return path


def test_the_error_falls_below_that_of_any_single_colour(photo: Path) -> None:
    told: list[Shot] = []
    options = OverfitOptions(width=8, size=64, epochs=120, rate=1e-3)
    found = overfit(photo, options, on_shot=told.append)
    assert len(found.errors) == 121
    assert [shot.epoch for shot in told] == [100, 120]
    one_color = found.truth.var((1, 2)).mean()
    assert found.least < found.errors[-1] < 0.6 * one_color < found.gray
    for shot in found.shots:
        assert shot.error == found.errors[shot.epoch]
        assert np.isclose(np.square(shot.ab - found.truth).mean(), shot.error, rtol=1e-4)
    lab = rgb2lab(np.asarray(Image.open(photo))[:, 16:80] / 255)
    assert np.abs(found.truth - np.moveaxis(lab[..., 1:], -1, 0)).max() < 0.1
    again = overfit(photo, OverfitOptions(width=8, size=64, epochs=2, rate=1e-3))
    assert again.errors == pytest.approx(found.errors[:3], rel=1e-3)


def test_the_published_recipe_is_the_default() -> None:
    options = OverfitOptions()
    assert (options.model, options.recipe, options.epochs, options.size) == ("zhang_regression", "published", 400, 224)
    assert MARKS == (100, 200, 400)


@pytest.mark.parametrize("name", ["resnet_gray", "eccv16"])
def test_other_networks_learn_too(photo: Path, name: str) -> None:
    found = overfit(photo, OverfitOptions(model=name, size=32, epochs=6, rate=3e-4))
    assert found.errors[-1] < found.errors[0]


def test_the_least_error_is_that_of_least_squares() -> None:
    target = torch.rand(1, 2, 16, 16) * 40
    basis = F.interpolate(torch.eye(16).reshape(16, 1, 4, 4), size=(16, 16), mode="bilinear", align_corners=False)
    matrix, flat = basis.reshape(16, 256).T.double(), target.reshape(2, 256).T.double()
    left = flat - matrix @ torch.linalg.lstsq(matrix, flat).solution
    assert least_error(target, (4, 4)) == pytest.approx(float(left.square().mean()), rel=1e-3)
    assert least_error(target, (16, 16)) < 1e-6


def test_an_error_that_is_no_number_stops(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(F, "mse_loss", lambda *_: torch.tensor(float("nan")))
    with pytest.raises(TrainingError, check=lambda error: error.code == "training.overfit_diverged"):
        overfit(photo, OverfitOptions(width=8, size=32, epochs=2))


def test_a_gray_photo_is_refused(tmp_path: Path) -> None:
    Image.fromarray(data.coffee()).convert("L").save(tmp_path / "gray.png")
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.photo_gray"):
        overfit(tmp_path / "gray.png", OverfitOptions(width=8, size=32))


@pytest.mark.parametrize(
    ("wrong", "error", "code"),
    [
        ({"recipe": "best"}, RecipeError, "training.unknown_overfit_recipe"),
        ({"rate": 0.0}, OptionError, "training.rate_out_of_range"),
        ({"epochs": 0}, OptionError, "training.option_out_of_range"),
        ({"model": "zhang"}, RecipeError, "architecture.unknown"),
        ({"model": "resnet_gray", "width": 8}, RecipeError, "training.overfit_width"),
        ({"size": 36}, RecipeError, "training.overfit_size"),
    ],
)
def test_what_cannot_be_tried_is_named(
    photo: Path, wrong: dict[str, object], error: type[PhotochromError], code: str
) -> None:
    with pytest.raises(error, check=lambda caught: caught.code == code):
        overfit(photo, OverfitOptions(**wrong))  # type: ignore[arg-type]


def test_the_verb_writes_a_sheet_and_a_table(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "learnt"
    given = ["train", "overfit", str(photo), "--width", "8", "--size", "32", "--epochs", "4", "--output", str(folder)]
    assert main(given) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("4 epochs  mean squared error ")
    assert said[-1] == str(folder / "overfit.png")
    with (folder / "overfit.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1", "2", "3", "4"]
    assert f"{float(rows[-1]['error']):.2f}" in said[0]
    with Image.open(folder / "overfit.png") as sheet:
        assert sheet.width == 1320
    assert main(given) == 1
    assert "overfit.png" in capsys.readouterr().err
    assert main([*given, "--overwrite", "--recipe", "better"]) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["overfit.csv", "overfit.png"]


def test_a_recipe_named_otherwise_is_still_a_recipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["overfitted.yaml"], ["recipe", "overfitted.yaml"]):
        assert main(["train", *words]) == 2
        assert "'overfitted.yaml'" in capsys.readouterr().err
    assert main(["train", "overfit"]) == 2
    assert "PHOTO" in capsys.readouterr().err
