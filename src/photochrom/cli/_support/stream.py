"""A photo through a pipe: ``-`` is standard input where a file is read, standard output where one is written."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from photochrom.batch import plan_jobs
from photochrom.cli._support.console import printable
from photochrom.colorizer import Colorizer
from photochrom.errors import NoInputError, OptionError, OutputExistsError, UnsupportedPictureError
from photochrom.image_io import SUFFIXES
from photochrom.image_io.film_starts import START_BYTES, is_film_start
from photochrom.image_io.formats import is_picture_start
from photochrom.options import ColorizeOptions
from photochrom.presentation.mark import mark
from photochrom.presentation.options import DisplayOptions
from photochrom.system.paths import is_folder, names_folder
from photochrom.system.streams import write_fully

__all__ = ["colorize_stream"]


def colorize_stream(
    inputs: Sequence[str],
    output: str | None,
    *,
    model: str,
    device: str,
    options: ColorizeOptions,
    display: DisplayOptions,
    max_pixels: int,
    overwrite: bool,
    quiet: bool,
    suffix: str | None = None,
) -> None:
    """Colours one photo whose source or target is a stream; to standard output in the source's own format.

    ``suffix`` names another format.

    Raises:
        OptionError: there is more than one input, or the output is a terminal, closed, or a folder.
        NoInputError: standard input is a terminal.
        OutputExistsError: the output file is there already.
    """
    if len(inputs) != 1:
        raise OptionError("command.pipe_inputs")
    target = None if output in (None, "-") else _check_target(Path(str(output)), str(output), overwrite)
    if target is None and sys.stdout.isatty():
        raise OptionError("command.output_is_terminal")
    if target is None and sys.__stdout__ is None:
        raise OptionError("command.output_is_closed")
    source = _read_input() if inputs[0] == "-" else _find_photo(inputs[0])
    result = Colorizer(model, device=device)(source, options, max_pixels=max_pixels)
    picture = mark(result.picture, display)
    if target is None:
        _write_output(picture.to_bytes(None if suffix is None else SUFFIXES[suffix]))
        return
    if suffix is not None and SUFFIXES.get(target.suffix.lower()) != SUFFIXES[suffix]:
        raise OptionError("batch.format_differs", path=target, format=suffix[1:])
    picture.save(target, overwrite=overwrite)
    if not quiet:
        sure = "" if result.confidence is None else f"  confidence {result.confidence:.2f}"
        sys.stdout.write(printable(f"- -> {target}  {result.seconds:.2f} s{sure}") + "\n")
        for note in result.picture.notes:
            sys.stdout.write(printable(f"note: {note}") + "\n")


def _write_output(data: bytes) -> None:
    write_fully(sys.stdout.buffer, data)
    sys.stdout.buffer.flush()


def _read_input() -> bytes:
    if sys.stdin is None or sys.stdin.isatty():
        raise NoInputError("command.input_is_terminal")
    # a film is told before all of it has come, for it may be long
    head = sys.stdin.buffer.read(START_BYTES)
    if not is_picture_start(head) and is_film_start(head):
        raise UnsupportedPictureError("command.pipe_film", path="-")
    return head + sys.stdin.buffer.read()


def _find_photo(text: str) -> Path:
    jobs = plan_jobs([text]).jobs
    if len(jobs) != 1 or is_folder(Path(text)):
        raise OptionError("command.pipe_input_many", path=text)
    if jobs[0].problem is not None and jobs[0].problem.code == "batch.is_video":
        raise UnsupportedPictureError("command.pipe_film", path=text)
    if jobs[0].problem is not None:
        raise jobs[0].problem
    return jobs[0].source


def _check_target(target: Path, text: str, overwrite: bool) -> Path:
    if names_folder(text):
        raise OptionError("command.pipe_output_folder", path=text)
    if os.path.lexists(target) and not overwrite:
        raise OutputExistsError("batch.output_exists", path=target)
    return target
