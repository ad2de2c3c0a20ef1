"""Many files in, many files out: plan, run, resume, report."""

from photochrom.batch.beside import Beside, Settings
from photochrom.batch.journal import Journal
from photochrom.batch.made import gather
from photochrom.batch.plan import VIDEO_SUFFIXES, Job, Plan, plan_jobs
from photochrom.batch.report import Event, FileReport, Report, check_report_path
from photochrom.batch.run import colorize_files, run_plan
from photochrom.batch.search import is_folder
from photochrom.batch.survey import sweep

__all__ = [
    "VIDEO_SUFFIXES",
    "Beside",
    "Event",
    "FileReport",
    "Job",
    "Journal",
    "Plan",
    "Report",
    "Settings",
    "check_report_path",
    "colorize_files",
    "gather",
    "is_folder",
    "plan_jobs",
    "run_plan",
    "sweep",
]
