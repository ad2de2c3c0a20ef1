"""A training that was stopped and goes on ends where one that was never stopped does, whatever its options."""

import csv
import dataclasses
import io
import random
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from photochrom.errors import CheckpointError, PhotochromError
from photochrom.training.checkpoints.io import KEY, load_checkpoint, save_checkpoint
from photochrom.training.lightning_module import ColorizationTask
from photochrom.training.schema import Recipe
from photochrom.training.trainer import fit

KINDS = {
    "adam, rate halved by photos": [
        *("optimizer.name=adam", "schedule.scheduler=step", "schedule.period=5", "schedule.period_unit=photos"),
    ],
    "rmsprop with momentum": [
        *("optimizer.name=rmsprop", "optimizer.momentum=0.9", "optimizer.lr=1e-4", "schedule.scheduler=constant"),
    ],
    "layer-wise rates, frozen front": ["optimizer.layer_decay=0.7", "optimizer.encoder_frozen_blocks=3"],
    "accumulated gradients": [
        "optimizer.accumulate_grad_batches=3",
        "optimizer.grad_clip_norm=0.1",
        "run.log_every_n_steps=5",
    ],
    "epochs": ["schedule.max_steps=0", "schedule.epochs=2", "data.num_workers=1"],
    "frozen batch norms, half precision": ["optimizer.freeze_batch_norm=true", "run.precision=bf16-mixed"],
    "variational": [
        "network.architecture=vae",
        "hints.probability=0",
        "data.batches=[{image_size: 64, batch_size: 2}]",
    ],
    "regression, frozen encoder": [
        *("network.architecture=resnet_gray", "optimizer.encoder_frozen_blocks=9", "hints.probability=0"),
    ],
}


def same(one: Path, other: Path) -> bool:
    ours, theirs = (load_checkpoint(path) for path in (one, other))
    mine, yours = ours["state_dict"], theirs["state_dict"]
    steps = [p["step"] for p in ours["optimizer_states"][0]["state"].values()]
    assert steps == [p["step"] for p in theirs["optimizer_states"][0]["state"].values()]
    return mine.keys() == yours.keys() and all(torch.allclose(mine[n], yours[n], rtol=1e-5, atol=1e-6) for n in mine)


def losses(folder: Path) -> list[tuple[str, str, str]]:
    rows = csv.DictReader(io.StringIO((folder / "metrics.csv").read_text()))
    return [(row["step"], row["samples"], row["loss"]) for row in rows]


@pytest.mark.parametrize("kind", KINDS)
def test_stopped_and_resumed_equals_never_stopped(
    kind: str, tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overrides = [
        "schedule.max_steps=8",
        "schedule.warmup_steps=3",
        "run.checkpoint_steps=3",
        "run.log_every_n_steps=1",
        *KINDS[kind],
    ]
    whole, broken = tiny(tmp_path / "whole", *overrides), tiny(tmp_path / "broken", *overrides)
    fit(whole, progress=False)
    original = ColorizationTask.training_step

    def stopped(self: ColorizationTask, batch: Any, batch_idx: int) -> dict[str, torch.Tensor]:
        if self.global_step == 5:
            raise RuntimeError("the power went")
        return original(self, batch, batch_idx)

    with monkeypatch.context() as patch:
        patch.setattr(ColorizationTask, "training_step", stopped)
        with pytest.raises(RuntimeError, match="the power went"):
            fit(broken, progress=False)
    assert load_checkpoint(tmp_path / "broken" / "last.ckpt")["global_step"] == 3
    fit(broken, progress=False)
    assert load_checkpoint(tmp_path / "broken" / "last.ckpt")["global_step"] == 8
    assert same(tmp_path / "whole" / "last.ckpt", tmp_path / "broken" / "last.ckpt")
    assert losses(tmp_path / "whole") == losses(tmp_path / "broken")


def test_accumulated_batches_count_as_one_larger(tiny: Any, tmp_path: Path) -> None:
    given = [
        "schedule.max_steps=4",
        "optimizer.freeze_batch_norm=true",
        "run.log_every_n_steps=1",
        "hints.probability=0",
    ]
    large = tiny(tmp_path / "large", *given, "data.batches=[{image_size: 32, batch_size: 4}]")
    small = tiny(
        tmp_path / "small",
        *given,
        "data.batches=[{image_size: 32, batch_size: 2}]",
        "optimizer.accumulate_grad_batches=2",
    )
    ours, theirs = (load_checkpoint(fit(recipe, progress=False)) for recipe in (large, small))
    assert ours["samples"] == theirs["samples"] == 16
    for name, value in ours["state_dict"].items():
        assert torch.allclose(value, theirs["state_dict"][name], rtol=1e-4, atol=1e-5), name
    large_losses, small_losses = ([float(loss) for *_, loss in losses(tmp_path / f)] for f in ("large", "small"))
    assert small_losses == pytest.approx(large_losses, rel=1e-4)


@pytest.fixture(scope="module")
def begun(tiny: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A recipe of four steps whose run folder holds a checkpoint after two."""
    folder = tmp_path_factory.mktemp("begun")
    fit(tiny(folder, "schedule.max_steps=2"), progress=False)
    return tiny(folder, "schedule.max_steps=4")


def moved(recipe: Recipe, folder: Path) -> Recipe:
    return dataclasses.replace(recipe, run=dataclasses.replace(recipe.run, output_dir=str(folder)))


def test_a_damaged_checkpoint_is_one_sentence_and_stays(begun: Any, tmp_path: Path) -> None:
    content, chance = (Path(begun.run.output_dir) / "last.ckpt").read_bytes(), random.Random(1)
    path, kept = tmp_path / "last.ckpt", {}
    for trial in range(14):
        if trial < 5:
            changed = content[: chance.randrange(len(content))]
        else:
            position = chance.randrange(len(content))
            changed = content[:position] + bytes([content[position] ^ 0x55]) + content[position + 1 :]
        path.write_bytes(changed)
        before = {p.name for p in tmp_path.iterdir()}
        try:
            fit(moved(begun, tmp_path), progress=False)
        except PhotochromError as error:
            kept[trial] = (str(error), path.read_bytes() == changed, {p.name for p in tmp_path.iterdir()} == before)
    # a byte of padding between records may change unnoticed: it means nothing
    assert len(kept) >= 12
    assert all(str(path) in said and same_bytes and nothing_new for said, same_bytes, nothing_new in kept.values())


@pytest.mark.parametrize(
    ("part", "value"),
    [
        *((part, None) for part in ("state_dict", "optimizer_states", "callbacks", "recipe")),
        *(("loops", 3), ("loops", {"fit_loop": {}}), ("samples", "many"), ("callbacks", {}), ("optimizer_states", [])),
        ("optimizer_states", [{"state": {}, "param_groups": []}]),
        *(("recipe", "format: 99"), ("recipe", 5)),
    ],
)
def test_a_mismatched_checkpoint_is_one_sentence(begun: Any, tmp_path: Path, part: str, value: Any) -> None:
    checkpoint = load_checkpoint(Path(begun.run.output_dir) / "last.ckpt")
    place = checkpoint[KEY] if part == "recipe" else checkpoint
    if value is None:
        del place[part]
    else:
        place[part] = value
    save_checkpoint(checkpoint, tmp_path / "last.ckpt")
    recipe = moved(begun, tmp_path)
    with pytest.raises(CheckpointError) as caught:
        fit(recipe, progress=False)
    codes = ("incomplete", "recipe_unreadable", "mismatch", "steps_disagree")
    assert caught.value.code.removeprefix("checkpoint.") in codes
    assert "\n" not in str(caught.value)


def test_a_checkpoint_from_before_a_key_existed_goes_on(begun: Any, tmp_path: Path) -> None:
    checkpoint = load_checkpoint(Path(begun.run.output_dir) / "last.ckpt")
    written = yaml.safe_load(checkpoint[KEY]["recipe"])
    for section, key in (
        ("optimizer", "name"),
        ("optimizer", "accumulate_grad_batches"),
        ("schedule", "scheduler"),
        ("run", "tensorboard"),
    ):
        del written[section][key]
    checkpoint[KEY]["recipe"] = yaml.safe_dump(written)
    save_checkpoint(checkpoint, tmp_path / "last.ckpt")
    recipe = moved(begun, tmp_path)
    assert load_checkpoint(fit(recipe, progress=False))["global_step"] == 4


def test_a_run_at_a_constant_rate_is_brought_down_at_its_end(tiny: Any, tmp_path: Path) -> None:
    fit(tiny(tmp_path, "schedule.max_steps=2", "schedule.scheduler=constant"), progress=False)
    end = tiny(tmp_path, "schedule.max_steps=4", "schedule.scheduler=cosine", "schedule.ema_decay=0.9")
    checkpoint = load_checkpoint(fit(end, progress=False))
    assert checkpoint["global_step"] == 4
    (group, *_) = checkpoint["optimizer_states"][0]["param_groups"]
    assert group["lr"] < 0.6 * group["peak"]
