import csv
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from photochrom.errors import CheckpointError, DataError, RecipeError, TrainingError, WriteError
from photochrom.training import trainer as room
from photochrom.training.checkpoints.io import load_checkpoint
from photochrom.training.lightning_module import ColorizationTask
from photochrom.training.recipe import read_recipe, resolved
from photochrom.training.trainer import fit

RECIPES = Path(__file__).parents[2] / "recipes"


def weights(path: Path) -> dict[str, torch.Tensor]:
    tensors: dict[str, torch.Tensor] = load_checkpoint(path)["state_dict"]
    return tensors


def same(one: Path, other: Path) -> bool:
    ours, theirs = weights(one), weights(other)
    return ours.keys() == theirs.keys() and all(torch.allclose(ours[n], theirs[n], rtol=1e-5, atol=1e-6) for n in ours)


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_recipe_runs_one_step_with_a_tiny_network(
    path: Path, photos: Path, classifier: Path, tmp_path: Path
) -> None:
    given = [f"data.train={photos}", f"run.output_dir={tmp_path}", "network.tiny=true", "network.init_checkpoint=''"]
    size = ["data.batches=[{image_size: 32, batch_size: 2}]", "data.num_workers=0", f"data.val={photos}"]
    size += [f"data.features={tmp_path / 'features'}"]
    budget = ["schedule={max_steps: 1, warmup_steps: 0}", "network.pretrained_encoder=''", "data.validation_photos=1"]
    judge = [f"loss.classifier={classifier}"] if read_recipe(path).loss.classifier else []
    recipe = read_recipe(path, [*given, *size, *budget, *judge])
    assert recipe.expected
    checkpoint = fit(recipe, progress=False)
    assert load_checkpoint(checkpoint)["samples"] == 2
    assert {"step", "loss", "psnr"} <= table(tmp_path)[-1].keys()


def test_a_run_folder_records_what_was_done(checkpoint: Path) -> None:
    folder = checkpoint.parent
    recipe = read_recipe(folder / "recipe.yaml")
    assert resolved(recipe) == (folder / "recipe.yaml").read_text()
    about = yaml.safe_load((folder / "run.yaml").read_text())
    assert len(about["data"]) == 64
    assert about["scores"]["psnr"] == load_checkpoint(checkpoint)["scores"]["psnr"]
    assert (about["photos"], about["samples"], about["epochs"], about["processes"]) == (8, 4, 0.5, 1)
    assert 0 < about["learning"] <= about["parameters"]
    assert about["photos_per_second"] == pytest.approx(8 / about["epoch_seconds"], rel=1e-2)
    assert about["machine"]["processor"]
    assert [row["step"] for row in table(folder)] == ["2", "2"]


def test_training_lowers_the_loss_and_only_moves_what_learns(tiny: Any, tmp_path: Path) -> None:
    overrides = ["optimizer.lr=1e-2", "optimizer.encoder_frozen_blocks=5", "optimizer.freeze_batch_norm=true"]
    overrides += [
        "network.rebalance_lambda=1",
        "schedule.max_steps=40",
        "schedule.ema_decay=0",
        "run.log_every_n_steps=10",
    ]
    recipe = tiny(tmp_path, *overrides, "data.batches=[{image_size: 32, batch_size: 4}]")
    start = room.initial_network(recipe.network, room.open_photos(recipe.data.train), prior_photos=2000, seed=0)
    after = weights(fit(recipe, progress=False))
    losses = [float(row["loss"]) for row in table(tmp_path)]
    assert losses[-1] < 0.95 * losses[0]
    assert not any(name.startswith("averaged.") for name in after)
    for name, before in start.state_dict().items():
        frozen = name.startswith(("encoder.stem", "encoder.project", *(f"encoder.blocks.{i}." for i in range(5))))
        frozen |= name in ("bins", "log_weight") or "running" in name or "num_batches" in name
        # no loss teaches it here
        frozen |= name.startswith("likeness.")
        assert torch.equal(before, after[f"network.{name}"]) == frozen, name


@pytest.mark.parametrize(
    "kind",
    [
        ["data.batches=[{image_size: 32, batch_size: 3}, {image_size: 64, batch_size: 2}]"],
        [
            "optimizer.name=rmsprop",
            "optimizer.momentum=0.5",
            "optimizer.layer_decay=0.8",
            "optimizer.accumulate_grad_batches=2",
        ],
    ],
)
def test_killed_and_resumed_equals_never_killed(kind: list[str], tiny: Any, tmp_path: Path) -> None:
    overrides = [
        "schedule.max_steps=60",
        "run.checkpoint_steps=3",
        "run.log_every_n_steps=1",
        "data.num_workers=1",
        *kind,
    ]
    whole, broken = tiny(tmp_path / "whole", *overrides), tiny(tmp_path / "broken", *overrides)
    (tmp_path / "recipe.yaml").write_text(resolved(broken))
    command = [sys.executable, "-m", "photochrom", "train", str(tmp_path / "recipe.yaml")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    curve = tmp_path / "broken" / "metrics.csv"
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            # between two checkpoints, so that steps are lost
            if (tmp_path / "broken" / "last.ckpt").is_file() and curve.is_file() and len(table(curve.parent)) % 3 == 2:
                break
            time.sleep(0.005)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        ended = process.wait()
    assert ended == -signal.SIGKILL
    # not while the other trains: on a busy machine that one is done before this one
    fit(whole, progress=False)
    at = load_checkpoint(tmp_path / "broken" / "last.ckpt")["global_step"]
    assert 0 < at < 60
    fit(broken, progress=False)
    assert load_checkpoint(tmp_path / "broken" / "last.ckpt")["global_step"] == 60
    assert same(tmp_path / "whole" / "last.ckpt", tmp_path / "broken" / "last.ckpt")
    ours, theirs = table(tmp_path / "whole"), table(tmp_path / "broken")
    assert [row["step"] for row in theirs] == [str(step + 1) for step in range(60)]
    assert [float(row["loss"]) for row in ours] == pytest.approx([float(row["loss"]) for row in theirs], rel=1e-4)


def test_minutes_used_are_kept_and_a_finished_run_stays_finished(tiny: Any, tmp_path: Path) -> None:
    recipe = tiny(tmp_path, "schedule.max_steps=0", "schedule.max_minutes=0.005", "run.checkpoint_steps=1")
    path = fit(recipe, progress=False)
    before = load_checkpoint(path)
    used = next(state["used"] for state in before["callbacks"].values() if "used" in state)
    assert used >= 0.3
    fit(recipe, progress=False)
    assert load_checkpoint(path)["global_step"] == before["global_step"]
    more = used / 60 + 0.005
    fit(
        tiny(tmp_path, "schedule.max_steps=0", f"schedule.max_minutes={more}", "run.checkpoint_steps=1"), progress=False
    )
    assert load_checkpoint(path)["global_step"] > before["global_step"]


def test_another_recipe_or_other_photos_do_not_go_on_in_a_folder(tiny: Any, checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "last.ckpt").write_bytes(checkpoint.read_bytes())
    same_but = ["schedule.max_steps=3", "data.validation_photos=2"]
    with pytest.raises(RecipeError, check=lambda error: error.code == "recipe.other_recipe"):
        fit(tiny(folder, *same_but), progress=False)
    validation = f"data.val={tiny(folder).data.train[0]}"
    with pytest.raises(RecipeError, check=lambda error: error.code == "recipe.other_recipe"):
        fit(tiny(folder, *same_but, validation, "optimizer.lr=0.5"), progress=False)
    (folder / "last.ckpt").write_bytes(checkpoint.read_bytes()[:-1000])
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.damaged"):
        fit(tiny(folder, *same_but, validation), progress=False)
    assert not (folder / "recipe.yaml").exists()


OBJECTIVES = {
    "distribution": [],
    "regression": ["network.architecture=resnet_gray", "loss={mse: 1, huber: 5}"],
    "variational": ["network.architecture=vae"],
}


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_half_precision_layout_and_average_suit_every_objective(
    objective: str, tiny: Any, photos: Path, tmp_path: Path
) -> None:
    given = ["run.precision=bf16-mixed", "run.channels_last=true", "schedule.ema_decay=0.9", "schedule.max_steps=3"]
    data = ["data.batches=[{image_size: 64, batch_size: 4}]", f"data.val={photos}", "data.validation_photos=3"]
    recipe = tiny(tmp_path, *given, *OBJECTIVES[objective], *data)
    after = weights(fit(recipe, progress=False))
    assert {t.dtype for name, t in after.items() if t.is_floating_point()} == {torch.float32}
    averaged = {name.removeprefix("averaged."): t for name, t in after.items() if name.startswith("averaged.")}
    learned = {name: t for name, t in averaged.items() if "running" not in name and t.is_floating_point()}
    assert any(not torch.equal(t, after[f"network.{name}"]) for name, t in learned.items())
    last = table(tmp_path)[-1]
    losses = [name for name in last if name.startswith("val_")]
    assert {"val_loss", "val_mse"} <= set(losses)
    assert all(math.isfinite(float(last[name])) for name in (*losses, "psnr"))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_loss_that_is_no_number_keeps_its_batch(
    objective: str, tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = ColorizationTask.training_step

    def poisoned(self: ColorizationTask, batch: Any, batch_idx: int) -> dict[str, torch.Tensor]:
        losses = original(self, batch, batch_idx)
        return {**losses, "loss": losses["loss"] * (float("nan") if self.global_step == 1 else 1.0)}

    monkeypatch.setattr(ColorizationTask, "training_step", poisoned)
    with pytest.raises(TrainingError, check=lambda error: error.code == "training.loss_not_finite"):
        fit(tiny(tmp_path, "schedule.max_steps=3", *OBJECTIVES[objective]), progress=False)
    kept = torch.load(tmp_path / "batch-1-rank-0.pt", weights_only=True)
    assert kept["lightness"].shape == (2, 1, 32, 32)
    assert kept["features"] == ()
    assert not (tmp_path / "last.ckpt").exists()


def test_ctrl_c_ends_after_a_step_with_a_checkpoint(tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = ColorizationTask.training_step

    def interrupted(self: ColorizationTask, batch: Any, batch_idx: int) -> dict[str, torch.Tensor]:
        if self.global_step == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return original(self, batch, batch_idx)

    monkeypatch.setattr(ColorizationTask, "training_step", interrupted)
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        fit(tiny(tmp_path, "schedule.max_steps=50"), progress=False)
    assert load_checkpoint(tmp_path / "last.ckpt")["global_step"] == 3
    assert signal.getsignal(signal.SIGINT) is handler


def test_an_unreadable_photo_or_folder_is_one_sentence(tiny: Any, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "torn.png").write_bytes(b"\x89PNG")
    (tmp_path / "file").write_text("")
    data = f"data.train={tmp_path / 'photos'}"
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.photo_unreadable"):
        fit(tiny(tmp_path / "run", data), progress=False)
    with pytest.raises(WriteError, check=lambda error: error.code == "training.folder_unwritable"):
        fit(tiny(tmp_path / "file" / "run"), progress=False)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_machine_that_cannot_train_so_is_one_sentence(tiny: Any, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, check=lambda error: error.code == "recipe.device_unavailable"):
        fit(tiny(tmp_path, "run.accelerator=gpu"), progress=False)
