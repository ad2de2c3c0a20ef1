"""A recipe to a trained network: one run folder, one command, to be given again after any interruption."""

import contextlib
import logging
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
import yaml
from torch import nn

from photochrom.data.module import ColorData
from photochrom.data.photos import fingerprint, open_photos
from photochrom.errors import CheckpointError, RecipeError, WriteError
from photochrom.training.atomic import write_whole
from photochrom.training.checkpoint import KEY, CheckpointFiles, description, load_checkpoint, restore_network
from photochrom.training.checkpoint import save_checkpoint as write_checkpoint
from photochrom.training.curves import Curves
from photochrom.training.options import Recipe
from photochrom.training.progress import Report
from photochrom.training.recipe import resolved
from photochrom.training.saving import FiniteLoss, Saving
from photochrom.training.schedule import Budget
from photochrom.training.start import initial_network
from photochrom.training.task import ColorizationTask
from photochrom.training.validation import Truths

__all__ = ["CHECKPOINT", "fit"]

CHECKPOINT = "last.ckpt"
#: a recipe may change here between a run and its resumption; anything else would make it another training
FREE = {"run", "description", "license", "training_data", "expected"}


def fit(recipe: Recipe, *, progress: bool = True) -> Path:
    """Train as a recipe says, going on from the run folder's checkpoint if there is one.

    The run folder then holds ``last.ckpt``, ``recipe.yaml`` as resolved, ``metrics.csv``, and ``run.yaml`` with the
    data's fingerprint, the commit, and the scores.

    Args:
        recipe: what to do.
        progress: show a bar at a terminal, or lines in a log.

    Returns:
        The checkpoint.

    Raises:
        CheckpointError: the checkpoint to go on from, or the weights to start from, cannot be used.
        DataError: the photos cannot be used.
        RecipeError: the run folder belongs to another recipe.
        TrainingError: the loss stopped being a number.
        WriteError: the run folder cannot be written.
        KeyboardInterrupt: Ctrl-C; the checkpoint is written before.
    """
    folder = Path(recipe.run.folder).expanduser()
    checkpoint = folder / CHECKPOINT
    resuming = recipe.run.resume and checkpoint.is_file()
    if recipe.run.threads:
        torch.set_num_threads(recipe.run.threads)
    photos = open_photos(recipe.data.train)
    mark = fingerprint(photos)
    if resuming:
        network = _resume(recipe, checkpoint, mark)
    else:
        options = recipe.network
        network = initial_network(options, photos, prior_photos=recipe.data.prior_photos, seed=recipe.seed)
    _open_folder(folder, recipe, mark)
    data = ColorData(
        recipe.data,
        augmentation=recipe.augmentation,
        hints=recipe.hints,
        output_stride=int(network.output_stride),  # type: ignore[arg-type]
        seed=recipe.seed,
        truths=_truths(recipe),
    )
    budget = Budget(recipe.schedule)
    curves = Curves(folder / "metrics.csv", budget, recipe.run.log_steps)
    about = _about(recipe, mark)
    callbacks: list[pl.Callback] = [FiniteLoss(folder), budget, curves]
    callbacks += [Report(budget, curves)] if progress else []
    callbacks += [Saving(checkpoint, recipe.run, about)]
    with _quiet():
        trainer = _trainer(recipe, callbacks, validate=data.truths is not None)
        trainer.fit(ColorizationTask(network, recipe), datamodule=data, ckpt_path=str(checkpoint) if resuming else None)
    if trainer.is_global_zero:
        _conclude(folder, checkpoint, {n: v for n, v in curves.latest.items() if n == "psnr"})
    if budget.interrupted:
        raise KeyboardInterrupt
    return checkpoint


def _trainer(recipe: Recipe, callbacks: list[pl.Callback], *, validate: bool) -> pl.Trainer:
    return pl.Trainer(
        accelerator=recipe.run.accelerator,
        devices=recipe.run.devices,
        precision=recipe.run.precision,
        callbacks=callbacks,
        plugins=[CheckpointFiles()],
        max_epochs=-1,  # one endless epoch: the budget ends it
        gradient_clip_val=recipe.optimizer.clip or None,
        check_val_every_n_epoch=None,
        val_check_interval=recipe.run.validate_steps or 2**62,
        limit_val_batches=None if validate else 0,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,  # the plan shares the batches out itself
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def _truths(recipe: Recipe) -> Truths | None:
    if not recipe.data.validation:
        return None
    return Truths(open_photos([recipe.data.validation]), recipe.data.validation_photos)


def _about(recipe: Recipe, mark: str) -> dict[str, Any]:
    network = recipe.network
    about = description(network.architecture, tiny=network.tiny, options=network.options, recipe=resolved(recipe))
    return about | {"data": mark}


def _resume(recipe: Recipe, path: Path, mark: str) -> nn.Module:
    checkpoint = load_checkpoint(path)
    about = checkpoint[KEY]
    try:
        before = yaml.safe_load(about["recipe"])
    except (KeyError, TypeError, yaml.YAMLError) as error:
        raise CheckpointError(f"'{path}' does not hold its recipe: begin anew with  run.resume=false") from error
    difference = _difference(before, yaml.safe_load(resolved(recipe)))
    if difference:
        raise RecipeError(
            f"'{path.parent}' was begun with another '{difference}': take that recipe, choose another run.folder, "
            "or begin anew with  run.resume=false"
        )
    if about.get("data") != mark:
        raise RecipeError(
            f"'{path.parent}' was begun with other photos: bring those back, choose another run.folder, "
            "or begin anew with  run.resume=false"
        )
    return restore_network(checkpoint, averaged=False)


def _difference(before: Any, now: Any) -> str:
    """The first key that two resolved recipes do not agree on, of those that matter."""
    if not isinstance(before, dict):
        return "recipe"
    for recipe in (before, now):
        for section, keys in {"data": ("workers", "cache"), "schedule": ("minutes", "steps")}.items():
            for key in keys:
                recipe.get(section, {}).pop(key, None)
    return next((key for key in now if key not in FREE and before.get(key) != now[key]), "")


def _open_folder(folder: Path, recipe: Recipe, mark: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"'{folder}' cannot be made ({error.strerror}): choose another run.folder") from error
    write_whole(folder / "recipe.yaml", resolved(recipe).encode(), overwrite=True)
    about = {"data": mark, "commit": _commit(), "torch": str(torch.__version__)}
    write_whole(folder / "run.yaml", yaml.safe_dump(about).encode(), overwrite=True)


def _commit() -> str:
    """The commit this package is run from; empty where it is not run from a checkout."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()


def _conclude(folder: Path, path: Path, scores: dict[str, float]) -> None:
    if not scores:
        return
    checkpoint = load_checkpoint(path)
    checkpoint["scores"] = scores
    write_checkpoint(checkpoint, path)
    about = yaml.safe_load((folder / "run.yaml").read_text(encoding="utf-8"))
    write_whole(folder / "run.yaml", yaml.safe_dump(about | {"scores": scores}).encode(), overwrite=True)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Lightning from advertising hardware, logger and loader settings that are chosen on purpose here."""
    logs = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"lightning\..*")
            warnings.filterwarnings("ignore", message=".*treespec.*", category=FutureWarning)
            yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)
