"""Going on from a run folder's checkpoint: only with the recipe and the photos it was begun with."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from torch import nn

from photochrom.errors import CheckpointError, PhotochromError, RecipeError
from photochrom.training.budget import BUDGET_KEY, TrainingBudget
from photochrom.training.checkpoints.io import KEY, load_checkpoint, restore_network
from photochrom.training.recipe import parse_recipe, resolved
from photochrom.training.schema import Recipe

__all__ = ["STEP_KEY", "expect_fit", "resume_network"]

#: batches of a step, of all processes together, in what a checkpoint says of itself
STEP_KEY = "batches_per_step"

#: a recipe may change here between a run and its resumption; anything else would make it another training
FREE = {"run", "description", "license", "training_data", "expected"}
FREE_KEYS = {
    "data": ("num_workers", "cache", "features"),
    # with another number of processes, so that a step stays what it was
    "optimizer": ("accumulate_grad_batches",),
    # a run kept at a constant rate, for as long as it gains, is brought down at its end
    "schedule": ("max_minutes", "max_cpu_minutes", "max_steps", "epochs", "scheduler", "min_lr_ratio", "ema_decay"),
}
#: what Lightning and the training need of a checkpoint beside the network
PARTS = {
    "state_dict": dict,
    "optimizer_states": list,
    "loops": dict,
    "callbacks": dict,
    "global_step": int,
    "samples": int,
}


def resume_network(recipe: Recipe, path: Path, mark: str, *, processes: int) -> nn.Module:
    """Builds the network of a checkpoint that this recipe may go on from.

    Args:
        recipe: as it is to be trained on.
        path: of the checkpoint.
        mark: the training set's fingerprint.
        processes: how many train now.

    Raises:
        CheckpointError: the checkpoint is cut, altered, or lacks what a training needs.
        RecipeError: it belongs to another recipe, or to other photos, or a step would take another number of batches.
    """
    checkpoint = load_checkpoint(path)
    about = checkpoint[KEY]
    lacking = next((name for name, kind in PARTS.items() if not isinstance(checkpoint.get(name), kind)), "")
    # what Lightning would go on without, and without a word
    if not lacking and len(checkpoint["optimizer_states"]) != 1:
        lacking = "optimizer_states"
    if not lacking and BUDGET_KEY not in checkpoint["callbacks"]:
        lacking = "callbacks"
    if lacking:
        raise CheckpointError("checkpoint.incomplete", path=path, part=lacking)
    try:
        # read anew, so that a key this version knows and that one did not has its default
        before = yaml.safe_load(resolved(parse_recipe(about["recipe"])))
    except (KeyError, TypeError, AttributeError, RecipeError) as error:
        raise CheckpointError("checkpoint.recipe_unreadable", path=path) from error
    # a checkpoint of an earlier version does not say it
    step = about.get(STEP_KEY, before["optimizer"]["accumulate_grad_batches"] * before["run"]["devices"])
    difference = _difference(before, yaml.safe_load(resolved(recipe)))
    if difference:
        raise RecipeError("recipe.other_recipe", folder=path.parent, section=difference)
    if step != processes * recipe.optimizer.accumulate_grad_batches:
        raise RecipeError("recipe.other_step", folder=path.parent, batches=step, processes=processes)
    if about.get("data") != mark:
        raise RecipeError("recipe.other_photos", folder=path.parent)
    return restore_network(checkpoint, averaged=False)


@contextlib.contextmanager
def expect_fit(checkpoint: Path, budget: TrainingBudget) -> Iterator[None]:
    """Says in one sentence that a checkpoint's other parts do not fit, such as the optimizer's memory.

    Args:
        checkpoint: its path.
        budget: tells whether the training had begun, after which errors are others.

    Raises:
        CheckpointError: they do not fit.
    """
    try:
        yield
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, RuntimeError) as error:
        if budget.started or isinstance(error, PhotochromError):
            raise
        raise CheckpointError("checkpoint.mismatch", path=checkpoint, reason=type(error).__name__) from error


def _difference(before: dict[str, Any], now: dict[str, Any]) -> str:
    """Returns the first section that two resolved recipes do not agree on, of those that matter."""
    for recipe in (before, now):
        for section, keys in FREE_KEYS.items():
            for key in keys:
                recipe[section].pop(key)
    return next((key for key in now if key not in FREE and before[key] != now[key]), "")
