"""Shows what a run would do: what ``--dry-run`` asks of ``photochrom colorize``."""

import sys
from pathlib import Path

from photochrom.batch import BatchOptions, Plan, StoredPlan, preview_plan
from photochrom.cli._support.console import describe_left_out, printable
from photochrom.options import ColorizeOptions
from photochrom.registry import ModelCard

__all__ = ["show_plan"]


def show_plan(
    plan: Plan | StoredPlan,
    *,
    card: ModelCard,
    options: ColorizeOptions,
    batch_options: BatchOptions,
    report: Path | None,
) -> int:
    """Prints a line a photo and the totals; returns the exit code, 1 where a photo could not be coloured."""
    found = preview_plan(plan, card=card, options=options, batch_options=batch_options)
    for file in found.files:
        if file.status == "failed":
            sys.stderr.write(printable(f"photochrom: {file.error}") + "\n")
        else:
            before = "  finished before" if file.status == "skipped" else ""
            sys.stdout.write(printable(f"{file.source} -> {file.target}{before}") + "\n")
    parts = [f"{found.planned} to be coloured"]
    parts += [f"{found.skipped} finished before"] if found.skipped else []
    parts += [f"{found.failed} that cannot be"] if found.failed else []
    sys.stdout.write(f"{', '.join(parts)}; nothing was written\n")
    for line in describe_left_out(found):
        sys.stdout.write(printable(line) + "\n")
    if report is not None:
        found.save(report)
    return 1 if found.failed else 0
