"""Shows what a run would do: what ``--dry-run`` asks of ``photochrom colorize``."""

import sys
from pathlib import Path

from photochrom.batch import Plan, Settings, Sidecars, preview_plan
from photochrom.batch.stored import StoredPlan, preview_stored_plan
from photochrom.cli._support.console import describe_left_out, printable

__all__ = ["show_plan"]


def show_plan(
    plan: Plan | StoredPlan, settings: Settings, *, beside: Sidecars, resume: bool, overwrite: bool, report: Path | None
) -> int:
    """Prints a line a photo and the totals; returns the exit code, 1 where a photo could not be coloured."""
    if isinstance(plan, StoredPlan):
        found = preview_stored_plan(plan, settings=settings, beside=beside, resume=resume, overwrite=overwrite)
    else:
        found = preview_plan(plan, settings=settings, beside=beside, resume=resume, overwrite=overwrite)
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
