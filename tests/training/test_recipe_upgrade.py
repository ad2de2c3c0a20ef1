"""Recipes of format 1: still read, and rewritten by one command."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from photochrom.cli.main import main
from photochrom.errors import RecipeError
from photochrom.training.callbacks.csv_logger import CsvLogger
from photochrom.training.checkpoints.io import KEY, load_checkpoint, save_checkpoint
from photochrom.training.recipe import parse_recipe, read_recipe, resolved
from photochrom.training.recipe_upgrade import RENAMED_KEYS, rename_columns, upgrade_recipe
from photochrom.training.trainer import fit

RECIPES = Path(__file__).parents[2] / "recipes"
OLD = """\
# mine, of 2024
format: 1   # the first
name: old
network: {architecture: photochrom_fast, tiny: true, init_from: "", balance: 0.25}

data:
  train: photos
  "validation": held-out   # the other ones
  weights: {share: 2.0, largest: 1}
  batches:
    - {pixels: 64, photos: 4, share: 0.5}
    - pixels: 32  # small
      photos: 8
  workers: 0
augmentation: {flip: 0.4, smallest_crop: 0.5, grain: 0.3, fading: 0.2}
hints: {share: 0.5, few: 0.8, mean: 4, largest: 2}
loss: {regression: 0.5, decibels: 0.1, spreading: 0.0}
optimizer: {kind: adam, only: "", rate: 1.0e-3, clip: 1.5, accumulate: 2}
schedule: {minutes: 3, warmup: 10, shape: constant, final: 0.1, average: 0.9}
run:
  folder: runs/old
  log_steps: 7
  validate_steps: 9
"""


def test_an_old_recipe_is_read_with_a_warning() -> None:
    with pytest.warns(DeprecationWarning, match="photochrom recipe upgrade"):
        recipe = parse_recipe(OLD)
    assert recipe.format == 2
    assert (recipe.network.rebalance_lambda, recipe.data.val, recipe.data.num_workers) == (0.25, "held-out", 0)
    assert [(batch.image_size, batch.batch_size, batch.weight) for batch in recipe.data.batches] == [
        (64, 4, 0.5),
        (32, 8, 1.0),
    ]
    # names of sources are not keys
    assert recipe.data.source_weights == {"share": 2.0, "largest": 1}
    assert (recipe.augmentation.hflip, recipe.augmentation.fade, recipe.hints.mean_count) == (0.4, 0.2, 4.0)
    assert (recipe.loss.mse, recipe.loss.log_mse, recipe.optimizer.name, recipe.optimizer.lr) == (
        0.5,
        0.1,
        "adam",
        1e-3,
    )
    assert (recipe.schedule.max_minutes, recipe.schedule.scheduler, recipe.schedule.ema_decay) == (3.0, "constant", 0.9)
    assert (recipe.run.output_dir, recipe.run.log_every_n_steps, recipe.run.val_every_n_steps) == ("runs/old", 7, 9)


@pytest.mark.filterwarnings("error")
def test_the_rewritten_text_means_the_same_and_keeps_its_comments() -> None:
    new = upgrade_recipe(OLD)
    with pytest.warns(DeprecationWarning, match="Recipe format 1"):
        before = parse_recipe(OLD)
    assert parse_recipe(new) == before
    assert new.splitlines()[:2] == ["# mine, of 2024", "format: 2   # the first"]
    for line in ("  val: held-out   # the other ones", "    - image_size: 32  # small", "  output_dir: runs/old"):
        assert line in new.splitlines()
    assert len(new.splitlines()) == len(OLD.splitlines())
    assert upgrade_recipe(new) == new


def test_every_new_key_is_one_of_a_recipe() -> None:
    every = yaml.safe_load(resolved(read_recipe(RECIPES / "tiny.yaml")))
    for section, keys in RENAMED_KEYS.items():
        place: Any = every
        for name in section.split("."):
            place = place[name]
        known = place[0] if isinstance(place, list) else place
        assert set(keys.values()) <= known.keys()
        assert not set(keys) & known.keys()


def test_old_keys_work_on_the_command_line() -> None:
    text = (RECIPES / "tiny.yaml").read_text()
    with pytest.warns(DeprecationWarning, match=r"optimizer\.rate.*optimizer\.lr"):
        assert parse_recipe(text, ["optimizer.rate=0.5"]).optimizer.lr == 0.5
    with pytest.warns(DeprecationWarning, match=r"data\.batches\.pixels"):
        assert parse_recipe(text, ["data.batches=[{pixels: 64}]"]).data.batches[0].image_size == 64
    with pytest.warns(DeprecationWarning, match=r"schedule\.steps"):
        assert parse_recipe(text, ["schedule={steps: 7}"]).schedule.max_steps == 7


def test_old_keys_in_a_new_recipe_are_named() -> None:
    text = (RECIPES / "tiny.yaml").read_text()
    for section, old, new in (("optimizer", "kind: adam", "name"), ("hints", "few: 0.5", "geometric_probability")):
        with pytest.raises(RecipeError) as caught:
            parse_recipe(f"{text}{section}: {{{old}}}\n")
        assert (caught.value.code, caught.value.details["near"]) == ("recipe.unknown_key", f"{section}.{new}")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (OLD.replace("minutes: 3", "minutes: 3, max_minutes: 4"), "duplicate_key"),
        ("[1]", "not_a_mapping"),
        ("format: 7", "unknown_format"),
        ("a: [", "invalid_yaml"),
        ("format: 2001-99-99", "impossible_value"),
    ],
)
def test_what_cannot_be_rewritten_is_named(text: str, code: str) -> None:
    with pytest.raises(RecipeError, check=lambda error: error.code == f"recipe.{code}"):
        upgrade_recipe(text)


def test_the_command_rewrites_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_bytes(OLD.replace("\n", "\r\n").encode())
    assert main(["recipe", "upgrade", str(old), "-o", str(new)]) == 0
    assert capsys.readouterr().out == f"{new}\n"
    assert new.read_bytes().decode() == upgrade_recipe(OLD).replace("\n", "\r\n")
    assert b"format: 1" in old.read_bytes()
    assert main(["recipe", "upgrade", str(old), "-o", str(new)]) == 1
    assert main(["recipe", "upgrade", str(old)]) == 0
    assert old.read_bytes() == new.read_bytes()
    assert main(["recipe", "upgrade", str(tmp_path / "absent.yaml")]) == 2
    assert "absent.yaml" in capsys.readouterr().err


def test_a_training_of_the_old_version_goes_on(tiny: Any, tmp_path: Path) -> None:
    fit(tiny(tmp_path, "schedule.max_steps=2", "run.log_every_n_steps=1"), progress=False)
    checkpoint = load_checkpoint(tmp_path / "last.ckpt")
    # as that version wrote it
    checkpoint[KEY]["recipe"] = downgrade(checkpoint[KEY]["recipe"])
    save_checkpoint(checkpoint, tmp_path / "last.ckpt")
    table = tmp_path / "metrics.csv"
    head, *rows = table.read_text().splitlines()
    names = {new: old for old, new in RENAMED_KEYS["loss"].items()} | {"cpu_minutes": "core_minutes", "lr": "rate"}
    table.write_text("\n".join([",".join(names.get(name, name) for name in head.split(",")), *rows, ""]))
    assert {"Budget", "Curves"} <= checkpoint["callbacks"].keys()
    with pytest.warns(DeprecationWarning, match="Recipe format 1"):
        fit(tiny(tmp_path, "schedule.max_steps=4", "run.log_every_n_steps=1"), progress=False)
    assert load_checkpoint(tmp_path / "last.ckpt")["global_step"] == 4
    lines = table.read_text().splitlines()
    assert lines[0] == head
    assert len(lines) == 5


def downgrade(text: str) -> str:
    """The text of a resolved recipe, as format 1 had it."""
    values = yaml.safe_load(text)
    for section in ("network", "augmentation", "hints", "loss", "optimizer", "schedule", "run", "data"):
        back = {new: old for old, new in RENAMED_KEYS[section].items()}
        values[section] = {back.get(key, key): value for key, value in values[section].items()}
    back = {new: old for old, new in RENAMED_KEYS["data.batches"].items()}
    values["data"]["batches"] = [
        {back[key]: value for key, value in kind.items()} for kind in values["data"]["batches"]
    ]
    return yaml.safe_dump({**values, "format": 1}, sort_keys=False)


def test_columns_are_named_after_their_losses() -> None:
    assert rename_columns({"step": 1, "rate": 2, "val_regression": 3, "val_psnr": 4}) == {
        "step": 1,
        "lr": 2,
        "val_mse": 3,
        "val_psnr": 4,
    }
    logger = CsvLogger(Path("none"), None, 1)  # type: ignore[arg-type]
    logger.load_state_dict({"sums": {"decibels": 2.0}, "batches": 1})
    assert logger.state_dict() == {"sums": {"log_mse": 2.0}, "batches": 1}
