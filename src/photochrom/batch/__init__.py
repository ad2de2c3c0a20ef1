"""Many files in, many files out: plan, run, resume, report."""

from photochrom.batch.journal import Journal
from photochrom.batch.options import BatchOptions
from photochrom.batch.output import assemble_output
from photochrom.batch.plan import VIDEO_SUFFIXES, Job, Plan, parse_suffix, plan_jobs
from photochrom.batch.report import Event, FileReport, Report, check_report_path
from photochrom.batch.resume import preview_plan, remove_leftovers
from photochrom.batch.runner import colorize_files, run_plan, save_report
from photochrom.batch.saving import Saving
from photochrom.batch.shards import ShardPlan, is_shard, plan_shards
from photochrom.batch.sidecars import Settings, Sidecars
from photochrom.batch.stored import StoredPlan, plan_stored_jobs

__all__ = [
    "VIDEO_SUFFIXES",
    "BatchOptions",
    "Event",
    "FileReport",
    "Job",
    "Journal",
    "Plan",
    "Report",
    "Saving",
    "Settings",
    "ShardPlan",
    "Sidecars",
    "StoredPlan",
    "assemble_output",
    "check_report_path",
    "colorize_files",
    "is_shard",
    "parse_suffix",
    "plan_jobs",
    "plan_shards",
    "plan_stored_jobs",
    "preview_plan",
    "remove_leftovers",
    "run_plan",
    "save_report",
]
