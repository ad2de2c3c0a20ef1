"""Many files in, many files out: plan, run, resume, report."""

from photochrom.batch.discover import is_folder
from photochrom.batch.journal import Journal
from photochrom.batch.output import gather
from photochrom.batch.plan import VIDEO_SUFFIXES, Job, Plan, plan_jobs
from photochrom.batch.report import Event, FileReport, Report, check_report_path
from photochrom.batch.resume import sweep
from photochrom.batch.runner import colorize_files, run_plan
from photochrom.batch.sidecars import Settings, Sidecars

__all__ = [
    "VIDEO_SUFFIXES",
    "Event",
    "FileReport",
    "Job",
    "Journal",
    "Plan",
    "Report",
    "Settings",
    "Sidecars",
    "check_report_path",
    "colorize_files",
    "gather",
    "is_folder",
    "plan_jobs",
    "run_plan",
    "sweep",
]
