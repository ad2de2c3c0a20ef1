"""Many files in, many files out: plan, run, resume, report. Those of object stores: :mod:`photochrom.batch.stored`."""

from photochrom.batch.discover import is_folder
from photochrom.batch.journal import Journal
from photochrom.batch.output import assemble_output
from photochrom.batch.plan import VIDEO_SUFFIXES, Job, Plan, parse_suffix, plan_jobs
from photochrom.batch.preview import preview_plan
from photochrom.batch.report import Event, FileReport, Report, check_report_path
from photochrom.batch.resume import remove_leftovers
from photochrom.batch.runner import colorize_files, run_plan
from photochrom.batch.saving import Saving
from photochrom.batch.sidecars import Settings, Sidecars

__all__ = [
    "VIDEO_SUFFIXES",
    "Event",
    "FileReport",
    "Job",
    "Journal",
    "Plan",
    "Report",
    "Saving",
    "Settings",
    "Sidecars",
    "assemble_output",
    "check_report_path",
    "colorize_files",
    "is_folder",
    "parse_suffix",
    "plan_jobs",
    "preview_plan",
    "remove_leftovers",
    "run_plan",
]
