"""The arithmetic of a training: not one that this machine's processor can only imitate."""

import dataclasses
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from photochrom.training.schema import Recipe

__all__ = ["has_fast_bfloat16", "suit_precision"]

CPUINFO = Path("/proc/cpuinfo")
#: of the lines of that file which list what a processor can do: on x86, and on Arm
FLAG_LINES = ("flags", "Features")

log = logging.getLogger(__name__)


def suit_precision(recipe: Recipe) -> Recipe:
    """Returns the recipe, with ``32-true`` where ``bf16-mixed`` would be slow on the processor that trains.

    A processor without bfloat16 arithmetic converts each number back and forth: a step was measured to take 30 times as
    long. What is changed is logged as a warning.
    """
    run = recipe.run
    if run.precision != "bf16-mixed" or not _trains_on_processor(run.accelerator) or has_fast_bfloat16() is not False:
        return recipe
    log.warning("This processor does not compute with bfloat16: the training uses 32-true in place of bf16-mixed.")
    return dataclasses.replace(recipe, run=dataclasses.replace(run, precision="32-true"))


def has_fast_bfloat16() -> bool | None:
    """Returns whether the processor computes with bfloat16 (AVX-512-BF16, AMX, Arm's); None if it does not say."""
    # torch 2.12 and later
    read: Any = getattr(torch.cpu, "get_capabilities", None)
    capabilities: Mapping[str, object] = (read() if read is not None else None) or {}
    known = {name: value for name, value in capabilities.items() if "bf16" in name}
    if known:
        return any(known.values())
    return _find_flag("bf16")


def _find_flag(part: str) -> bool | None:
    try:
        lines = CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith(FLAG_LINES)), None)
    return None if flags is None else any(part in flag for flag in flags)


def _trains_on_processor(accelerator: str) -> bool:
    if accelerator == "auto":
        return not (torch.cuda.is_available() or torch.backends.mps.is_available())
    return accelerator == "cpu"
