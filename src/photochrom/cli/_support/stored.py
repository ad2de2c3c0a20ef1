"""``photochrom colorize`` where photos or results are named by URLs."""

import sys
from pathlib import Path

import typer

from photochrom.batch import Settings, Sidecars
from photochrom.batch.stored import StoredPlan, run_stored_plan, save_report
from photochrom.cli._support.console import RunConsole
from photochrom.cli._support.dry_run import show_plan
from photochrom.cli._support.signals import leave_interrupted, stoppable
from photochrom.colorizer import Colorizer, count_processors
from photochrom.errors import StoreError, WriteError

__all__ = ["colorize_stored"]


def colorize_stored(
    plan: StoredPlan,
    settings: Settings,
    *,
    device: str,
    model: str,
    beside: Sidecars,
    jobs: int | None,
    backend: str,
    resume: bool,
    overwrite: bool,
    dry_run: bool,
    report: Path | None,
    quiet: bool,
) -> None:
    """Colours the photos of a plan, or says what would be done, and ends the command as files do."""
    if dry_run:
        sys.exit(show_plan(plan, settings, beside=beside, resume=resume, overwrite=overwrite, report=report))
    side_by_side = min(count_processors() if jobs is None else jobs, len(plan.jobs))
    colorizer = Colorizer(model, device=device, threads=1 if side_by_side > 1 else None)
    with stoppable() as stop:
        try:
            with RunConsole(plan, quiet=quiet) as console:
                result = run_stored_plan(
                    plan,
                    colorizer=colorizer,
                    options=settings.options,
                    max_pixels=settings.max_pixels,
                    beside=beside,
                    jobs=jobs,
                    backend=backend,
                    resume=resume,
                    overwrite=overwrite,
                    stop=stop.event,
                    on_event=console.show_event,
                )
        except KeyboardInterrupt:
            # each object is there as a whole or not at all, so nothing is to be cleared away
            leave_interrupted(stop.code or 130)
    try:
        home = save_report(result, plan, report)
    except (StoreError, WriteError):
        # why the run ended is said all the same, for it may be the same reason
        console.show_totals(result, None, many=plan.many)
        raise
    console.show_totals(result, home, many=plan.many)
    if stop.code is not None:
        sys.exit(stop.code)
    if result.failed or result.stopped:
        raise typer.Exit(1)
