"""A project file coloured again: what ``photochrom colorize NAME.photochrom.json`` does."""

import os
import sys
import time
from pathlib import Path

from photochrom.batch import Report, Settings, Sidecars, check_report_path, gather, is_folder
from photochrom.cli._support.console import printable
from photochrom.colorizer import Colorizer
from photochrom.errors import OptionError, OutputExistsError
from photochrom.project import SUFFIX, Project, read_project, render

__all__ = ["colorize_project", "is_project"]


def is_project(text: str) -> bool:
    """Whether an input is a project file, by its name."""
    return text.lower().endswith(SUFFIX)


def colorize_project(
    source: str,
    output: str | None,
    *,
    device: str,
    max_pixels: int,
    confidence: bool,
    overwrite: bool,
    report: str | None,
    quiet: bool,
) -> None:
    """Make a project's pixels again, and save them as its photo's colouring.

    Raises:
        ProjectError: the project cannot be read, or what it is made of is missing or another.
        OptionError: the output makes no sense.
        OutputExistsError: a file is there already.
    """
    path = Path(source)
    home = check_report_path(report) if report is not None else None
    project = read_project(path)
    target = _target(path, project, output)
    beside = Sidecars(confidence=confidence)
    if not overwrite:
        if os.path.lexists(target):
            raise OutputExistsError(f"the output '{target}' is there already: use --overwrite, or give another -o")
        beside.refuse(target)
    start = time.perf_counter()
    colorizer = Colorizer(project.model.name, device=device)
    result = render(project, folder=path.parent, colorizer=colorizer, max_pixels=max_pixels)
    settings = Settings(card=colorizer.card, options=project.options())
    made = gather(result, path, target, settings, beside)
    made.place(target, overwrite=overwrite, overwrite_beside=overwrite)
    file = made.report(source, target, model=result.model)
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


def _target(path: Path, project: Project, output: str | None) -> Path:
    photo = Path(project.source.name)
    if output == "-":
        raise OptionError("a project is coloured into a file: give -o a file or a folder")
    if output is None:
        return path.with_name(f"{path.name[: -len(SUFFIX)]}.color{photo.suffix}")
    folder = Path(output)
    if output.endswith(("/", os.sep)) or is_folder(folder):
        folder.mkdir(parents=True, exist_ok=True)
        return folder / photo.name
    if output.lower().endswith(SUFFIX):
        raise OptionError(f"the output '{output}' is named as a project: give -o a picture's name")
    return folder
