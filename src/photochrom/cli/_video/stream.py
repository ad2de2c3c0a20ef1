"""Films through pipes: Y4M on standard input, standard output or both. All that is said goes to standard error."""

import os
import sys
from pathlib import Path

from photochrom.cli._support.advice import explain
from photochrom.cli._support.signals import leave_interrupted, stoppable
from photochrom.cli._video.run import print_line, print_notes, progress_bar
from photochrom.errors import NoInputError, OptionError, PhotochromError, WriteError
from photochrom.video.execution.stream import stream_film, stream_pipe
from photochrom.video.guidance.guidance import VideoGuidance
from photochrom.video.options import VideoOptions

__all__ = ["colorize_stream"]


def colorize_stream(
    source: str,
    output: str | None,
    *,
    model: str,
    device: str,
    options: VideoOptions,
    guidance: VideoGuidance,
    report: str | None,
    quiet: bool,
) -> int:
    """Colours a film whose source or target is a pipe; returns the exit code.

    Raises:
        OptionError: the output is a file, a terminal, or closed.
        NoInputError: standard input is a terminal.
        WriteError: nobody reads standard output any more.
    """
    if output not in (None, "-"):
        raise OptionError("video.pipe_to_file", path=output)
    if sys.stdout.isatty():
        raise OptionError("command.output_is_terminal")
    if sys.__stdout__ is None:
        raise OptionError("command.output_is_closed")
    if source == "-" and (sys.stdin is None or sys.stdin.isatty()):
        raise NoInputError("command.input_is_terminal")
    sink = sys.stdout.buffer
    with stoppable("the frame in work") as stop:
        try:
            with progress_bar(quiet) as show:
                if source == "-":
                    result = stream_pipe(
                        sys.stdin.buffer,
                        sink,
                        model=model,
                        device=device,
                        options=options,
                        stop=stop.event,
                        on_progress=show,
                    )
                else:
                    result = stream_film(
                        Path(source),
                        sink,
                        model=model,
                        device=device,
                        options=options,
                        guidance=guidance,
                        stop=stop.event,
                        on_progress=show,
                    )
        except WriteError as error:
            if error.code == "video.pipe_closed":
                # the interpreter must not complain when it flushes at its end
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise
        except KeyboardInterrupt:
            leave_interrupted(stop.code or 130, "video.stream_interrupted")
    if report is not None:
        result.save(report)
    print_notes(result, told=show.told, quiet=quiet)
    if result.stopped:
        print_line(f"photochrom: {explain(PhotochromError('video.stream_interrupted'))}")
        return stop.code or 130
    if not quiet:
        rate = result.frames / result.seconds
        print_line(f"{result.source} -> -  {result.frames} frames  {result.seconds:.1f} s  {rate:.1f} frames/s")
    return 1 if result.problem is not None else 0
