"""Photos in object stores and on the web: the same run as over files, with addresses in place of paths.

Each photo is read whole, coloured as one on the disk is, and its result written whole. What a run has finished stands
in the output itself, so it can be resumed from any machine.
"""

from photochrom.batch.stored.plan import StoredJob, StoredPlan, plan_stored_jobs
from photochrom.batch.stored.runner import (
    colorize_stored_files,
    preview_stored_plan,
    run_stored_plan,
    save_report,
)

__all__ = [
    "StoredJob",
    "StoredPlan",
    "colorize_stored_files",
    "plan_stored_jobs",
    "preview_stored_plan",
    "run_stored_plan",
    "save_report",
]
