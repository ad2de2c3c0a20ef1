"""Colours a project file again: what ``photochrom colorize NAME.photochrom.json`` does."""

import os
import sys
import time
from pathlib import Path

from photochrom.batch import Report, Settings, Sidecars, assemble_output, check_report_path
from photochrom.cli._support.console import printable
from photochrom.colorizer import Colorizer
from photochrom.errors import OptionError, OutputExistsError
from photochrom.project import SUFFIX, Project, read_project, render
from photochrom.system.paths import names_folder

__all__ = ["colorize_project", "is_project"]


def is_project(text: str) -> bool:
    """Returns whether an input is a project file, by its name."""
    return text.lower().endswith(SUFFIX)


def colorize_project(
    source: str,
    output: str | None,
    *,
    device: str,
    max_pixels: int,
    beside: Sidecars,
    overwrite: bool,
    report: str | None,
    quiet: bool,
) -> None:
    """Makes a project's pixels again, and saves them as its photo's colouring.

    Raises:
        ProjectError: the project cannot be read, or a file or the network it names is missing or another.
        OptionError: the output makes no sense.
        OutputExistsError: a file is there already.
    """
    path = Path(source)
    home = check_report_path(report) if report is not None else None
    project = read_project(path)
    target = _choose_target(path, project, output)
    if not overwrite:
        if os.path.lexists(target):
            raise OutputExistsError("batch.output_exists", path=target)
        beside.check_absent(target)
    start = time.perf_counter()
    colorizer = Colorizer(project.model.name, device=device)
    result = render(project, folder=path.parent, colorizer=colorizer, max_pixels=max_pixels)
    settings = Settings(card=colorizer.card, options=project.options, max_pixels=max_pixels)
    output_files = assemble_output(result, path, target, settings, beside)
    output_files.place(target, overwrite=overwrite, overwrite_beside=overwrite)
    file = output_files.report(source, target, model=result.model)
    if home is not None:
        Report(
            model=colorizer.name,
            model_sha256=colorizer.card.sha256,
            options={"project": source},
            jobs=1,
            seconds=time.perf_counter() - start,
            files=(file,),
        ).save(home)
    if not quiet:
        sure = "" if result.confidence is None else f"  confidence {result.confidence:.2f}"
        sys.stdout.write(printable(f"{source} -> {target}  {result.seconds:.2f} s{sure}") + "\n")


def _choose_target(path: Path, project: Project, output: str | None) -> Path:
    photo = Path(project.source.name)
    if output == "-":
        raise OptionError("command.project_to_pipe")
    if output is None:
        return path.with_name(f"{path.name[: -len(SUFFIX)]}.color{photo.suffix}")
    folder = Path(output)
    if names_folder(output):
        folder.mkdir(parents=True, exist_ok=True)
        return folder / photo.name
    if output.lower().endswith(SUFFIX):
        raise OptionError("command.project_output_name", path=output)
    return folder
