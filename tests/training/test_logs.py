"""What a training leaves to look at: the table, the curves, the sheets, TensorBoard's files."""

import csv
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from photochrom.training.callbacks import tensorboard as boards
from photochrom.training.callbacks.csv_logger import PROGRESS, read_curves
from photochrom.training.callbacks.loss_plots import draw_curves
from photochrom.training.callbacks.sample_images import CELL, GAP, LEFT, TOP, make_sheet
from photochrom.training.schema import BatchSize, HintOptions
from photochrom.training.trainer import fit
from photochrom.training.validation import most_common, plain_batch


@pytest.fixture(scope="module")
def run(tiny: Any, photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training that was validated twice, interrupted between, and logged for TensorBoard."""
    folder = tmp_path_factory.mktemp("run")
    given = ["run.log_every_n_steps=1", "run.val_every_n_steps=2", "run.checkpoint_steps=1", "run.tensorboard=true"]
    data = [f"data.val={photos}", "data.validation_photos=3", "run.sheet_photos=2"]
    for steps in (3, 4):
        fit(tiny(folder, *given, *data, f"schedule.max_steps={steps}"), progress=False)
    return folder


def test_the_table_has_training_and_validation_side_by_side(run: Path) -> None:
    rows = read_curves(run / "metrics.csv")
    assert [(row["step"], bool(row["loss"])) for row in rows] == [
        *(("1", True), ("2", True), ("2", False), ("3", True), ("3", False), ("4", True), ("4", False)),
    ]
    assert set(PROGRESS) <= rows[0].keys()
    for row in rows:
        if not row["loss"]:
            parts = float(row["val_cross_entropy"]) + 0.25 * float(row["val_mse"])
            assert float(row["val_loss"]) == pytest.approx(parts, rel=1e-4)
    assert [float(row["epoch"]) for row in rows if row["loss"]] == [0.25, 0.5, 0.75, 1.0]
    assert all(float(a["cpu_minutes"]) <= float(b["cpu_minutes"]) for a, b in itertools.pairwise(rows))


def test_curves_and_sheets_are_pictures(run: Path) -> None:
    with Image.open(run / "curves.png") as curves:
        assert curves.width > 800
        assert np.asarray(curves.convert("RGB")).std() > 5
    sheets = sorted((run / "samples").iterdir())
    assert [sheet.name for sheet in sheets] == ["00000002.png", "00000003.png", "00000004.png"]
    with Image.open(sheets[-1]) as sheet:
        assert sheet.size == (LEFT + 2 * (CELL + GAP), TOP + 3 * (CELL + GAP))
    assert not [path for path in run.rglob("*") if path.suffix == ".part"]


def test_a_sheet_shows_gray_truth_and_prediction() -> None:
    truth = torch.zeros(3, 32, 32)
    truth[0] = 1.0
    sheet = make_sheet([(truth, truth.flip(0))], "a title").astype(int)
    column = LEFT + CELL // 2
    gray, first, second = (sheet[TOP + row * (CELL + GAP) + CELL // 2, column] for row in range(3))
    assert gray.max() - gray.min() <= 1
    assert 100 < gray[0] < 150
    assert first.tolist() == [255, 0, 0]
    assert second.tolist() == [0, 0, 255]
    assert (sheet[:TOP] < 100).any()


def test_every_panel_is_drawn_and_odd_values_do_no_harm() -> None:
    row = {"step": "1", "samples": "2", "epoch": "0", "minutes": "0", "cpu_minutes": "0"}
    few = draw_curves([row | {"loss": "1.0"}], "one point")
    rows = [
        row | {"loss": "nan", "val_loss": "2", "lr": "1e-3", "kl": "inf"},
        row | {"step": "9", "loss": "", "psnr": "20"},
    ]
    many = draw_curves(rows, "holes")
    for content in (few, many):
        assert content.startswith(b"\x89PNG")
    assert few != many


def test_tensorboard_reads_what_was_written(run: Path) -> None:
    event_accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    read = event_accumulator.EventAccumulator(str(run / "tensorboard"))
    read.Reload()
    assert {"loss/training", "loss/validation", "psnr/validation", "lr/training"} <= set(read.Tags()["scalars"])
    assert [event.step for event in read.Scalars("loss/training")] == [1, 2, 3, 4]
    table = [row for row in read_curves(run / "metrics.csv") if row["loss"]]
    for event, row in zip(read.Scalars("loss/training"), table, strict=True):
        assert event.value == pytest.approx(float(row["loss"]), rel=1e-5)
    assert [image.step for image in read.Images("samples")][-1] == 4


def test_without_tensorboard_there_is_no_folder_of_it(checkpoint: Path) -> None:
    assert not (checkpoint.parent / "tensorboard").exists()
    assert boards.TensorBoardLogger(checkpoint.parent)._writer is None


def test_the_table_is_read_up_to_the_step_gone_on_from(tiny: Any, tmp_path: Path) -> None:
    given = ["run.log_every_n_steps=1", "run.checkpoint_steps=2"]
    fit(tiny(tmp_path, *given, "schedule.max_steps=2"), progress=False)
    with (tmp_path / "metrics.csv").open("a", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([[3, 6, 0.75, 0, 0, 1], ["torn"], [4]])
    fit(tiny(tmp_path, *given, "schedule.max_steps=3"), progress=False)
    rows = read_curves(tmp_path / "metrics.csv")
    assert [row["step"] for row in rows] == ["1", "2", "3"]
    assert float(rows[2]["lr"]) < 1


def test_validation_losses_are_of_photos_as_training_sees_them_unaugmented() -> None:
    sizes = (BatchSize(image_size=64, weight=0.4), BatchSize(image_size=32, weight=0.6))
    assert most_common(sizes) == 32
    squares = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    given = {"image_size": 32, "output_stride": 4, "seeds": [5, 6]}
    plain = plain_batch(squares, hints=HintOptions(probability=1.0), **given)
    again = plain_batch(squares, hints=HintOptions(probability=1.0), **given)
    assert (plain.lightness.shape, plain.ab.shape, plain.hints.shape) == ((2, 1, 32, 32), (2, 2, 8, 8), (2, 3, 8, 8))
    assert all(torch.equal(one, other) for one, other in zip(plain[:3], again[:3], strict=True))
    mask = plain.hints[:, 2:] > 0
    assert mask.any()
    assert not plain.hints[:, :2][~mask.expand(-1, 2, -1, -1)].any()
    assert not plain_batch(squares, hints=HintOptions(probability=0.0), **given).hints.any()
    flat = torch.full((1, 3, 64, 64), 128, dtype=torch.uint8)
    plain = plain_batch(flat, image_size=32, output_stride=4, hints=HintOptions(), seeds=[0])
    assert plain.lightness.std() < 1e-4
    assert plain.ab.abs().max() < 0.01
