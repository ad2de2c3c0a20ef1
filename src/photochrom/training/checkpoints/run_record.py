"""A run folder's account of itself: what was trained, from which commit, on what, and what came of it."""

import os
import subprocess
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import nn

from photochrom.errors import WriteError
from photochrom.system.atomic import write_whole
from photochrom.training.budget import TrainingBudget
from photochrom.training.checkpoints.io import load_checkpoint, save_checkpoint
from photochrom.training.cpu_time import processor_name
from photochrom.training.recipe import resolved
from photochrom.training.schema import Recipe

__all__ = ["conclude", "open_folder"]

RECORD = "run.yaml"


def open_folder(
    folder: Path, recipe: Recipe, *, mark: str, photos: int, network: nn.Module, processes: int, resuming: bool
) -> None:
    """Makes a run folder and writes its ``recipe.yaml`` and ``run.yaml``.

    Args:
        folder: of the run.
        recipe: as it is trained.
        mark: the training set's fingerprint.
        photos: how many it holds.
        network: what is trained, those weights that stay as they are marked.
        processes: how many train together.
        resuming: keep what an earlier run found.

    Raises:
        WriteError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError("training.folder_unwritable", path=folder, reason=error.strerror) from error
    parameters = list(network.parameters())
    about = {
        "commit": _commit(),
        "data": mark,
        "photos": photos,
        "parameters": sum(p.numel() for p in parameters),
        "learning": sum(p.numel() for p in parameters if p.requires_grad),
        "torch": str(torch.__version__),
        "machine": _machine(),
        "processes": processes,
    }
    write_whole(folder / "recipe.yaml", resolved(recipe).encode(), overwrite=True)
    _write(folder, (_read(folder) if resuming else {}) | about)


def conclude(folder: Path, checkpoint: Path, *, budget: TrainingBudget, samples: int, scores: dict[str, float]) -> None:
    """Adds what came of it: to ``run.yaml`` everything, to the checkpoint the benchmark's score.

    Args:
        folder: of the run.
        checkpoint: its last one.
        budget: what was used, over all runs.
        samples: photos seen, over all runs.
        scores: what the last validation found; none, and the checkpoint stays as it is.

    Raises:
        CheckpointError: the checkpoint cannot be read.
        WriteError: the folder cannot be written.
    """
    seconds = max(budget.used, 1e-9)
    rate = samples / seconds
    about = _read(folder) | {
        "samples": samples,
        "epochs": round(samples / budget.photos, 4),
        "minutes": round(budget.used / 60, 4),
        "cpu_minutes": round(budget.processor / 60, 4),
        "photos_per_second": float(f"{rate:.4g}"),
        "epoch_seconds": float(f"{budget.photos / max(rate, 1e-9):.4g}"),
    }
    if "psnr" in scores:
        read = load_checkpoint(checkpoint)
        read["scores"] = {"psnr": scores["psnr"]}
        save_checkpoint(read, checkpoint)
        about["scores"] = scores
    _write(folder, about)


def _read(folder: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        # it is an account, not what the training goes on from: a damaged one is written anew
        return {}
    return found if isinstance(found, dict) else {}


def _write(folder: Path, about: dict[str, Any]) -> None:
    write_whole(folder / RECORD, yaml.safe_dump(about, sort_keys=False, allow_unicode=True).encode(), overwrite=True)


def _machine() -> dict[str, Any]:
    return {
        "processor": processor_name(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "threads": torch.get_num_threads(),
        "accelerator": torch.cuda.get_device_name() if torch.cuda.is_available() else "",
    }


def _commit() -> str:
    """Returns the commit this package is run from, ``+`` if there are changes to it; empty outside a checkout."""
    try:
        commit = _git("rev-parse", "HEAD")
        return commit + "+" if _git("status", "--porcelain", "--untracked-files=no") else commit
    except (OSError, subprocess.SubprocessError):
        return ""


def _git(*arguments: str) -> str:
    # without locks: a look at a checkout must not disturb who works in it
    command = ["git", "--no-optional-locks", *arguments]
    here = Path(__file__).parent
    return subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
