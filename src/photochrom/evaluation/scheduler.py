"""Scores every photo with every system, and writes each outcome down."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

from photochrom import __version__
from photochrom.evaluation.inputs.ground_truth import GroundTruths
from photochrom.evaluation.inputs.systems import System
from photochrom.evaluation.journal import FOLDER, Journal, PhotoOutcome
from photochrom.evaluation.score_photo import SCORING_VERSION
from photochrom.evaluation.worker import Conditions, Task, run_tasks

__all__ = ["Progress", "score_all"]

#: called after each step: what is being done, steps done, steps to do
Progress = Callable[[str, int, int], None]


def score_all(
    systems: Sequence[System],
    conditions: Conditions,
    checksums: dict[str, str],
    out: Path,
    *,
    resume: bool,
    jobs: int,
    stop: Event,
    tell: Progress,
) -> dict[str, dict[str, PhotoOutcome]]:
    """Scores what the journals lack; returns the outcomes by the systems' keys and the photos' ids.

    Args:
        systems: what to score.
        conditions: see there.
        checksums: of the networks to measure with, by what they are for.
        out: the report's folder, where the journals are kept.
        resume: keep what the journals hold.
        jobs: processes.
        stop: set to end after the photos in work.
        tell: called after each step.

    Raises:
        KeyboardInterrupt: ``stop`` was set.
        WriteError, OutputExistsError: a journal cannot be written, or another evaluation writes it.
    """
    with ExitStack() as stack:
        journals = {
            system.key: stack.enter_context(
                Journal(
                    out / FOLDER / f"{system.key}.jsonl",
                    _describe_conditions(system, conditions, checksums),
                    resume=resume,
                )
            )
            for system in systems
        }
        tasks = _plan_tasks(systems, conditions.truths, journals)
        total = len(systems) * len(conditions.truths.refs)
        done = total - sum(len(task.systems) for task in tasks)
        tell("scoring", done, total)
        for task, answers in run_tasks(conditions, tasks, jobs):
            for system, scored in zip(task.systems, answers, strict=True):
                journals[system.key].add(scored)
            done += len(answers)
            tell("scoring", done, total)
            if stop.is_set():
                raise KeyboardInterrupt
        return {key: known.done for key, known in journals.items()}


def _describe_conditions(system: System, conditions: Conditions, checksums: dict[str, str]) -> dict[str, Any]:
    """Returns everything a system's numbers depend on, and which photos they are of."""
    return {
        "scoring": SCORING_VERSION,
        "photochrom": __version__,
        "system": [system.kind, system.sha256, system.vividness, system.calibrated],
        "hints": [list(system.hints), conditions.seed if system.hints else None],
        "protocol": [conditions.protocol.name, conditions.protocol.version],
        "data": conditions.truths.fingerprint,
        "split": conditions.truths.split,
        "networks": checksums,
    }


def _plan_tasks(systems: Sequence[System], truths: GroundTruths, journals: dict[str, Journal]) -> list[Task]:
    """Returns what is left to do: first all that needs no network, photo by photo, then one network after the other."""
    groups: dict[str, list[System]] = {}
    for system in systems:
        groups.setdefault(system.source if system.kind == "network" else "", []).append(system)
    tasks = []
    for group in groups.values():
        for ref in truths.refs:
            missing = tuple(system for system in group if ref.id not in journals[system.key].done)
            if missing:
                tasks.append(Task(ref, missing))
    return tasks
