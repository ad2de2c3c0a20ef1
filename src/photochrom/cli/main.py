"""Finds the command, opens only its file, and turns every error into one line and an exit code.

Exit codes: 0 all well; 1 something failed; 2 wrong usage; 70 a fault of the program; 130 and 143 stopped by a signal.
"""

import errno
import gc
import importlib
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from photochrom import __version__
from photochrom.cli._support.advice import explain
from photochrom.cli._support.plain_values import keep_plain_values
from photochrom.deprecations import DeprecatedNameWarning, rewrite_arguments
from photochrom.errors import OptionError, PhotochromError, RecipeError

__all__ = ["main", "run"]

#: new objects after which the garbage collector looks through them
_OBJECTS = 20_000

#: each command is a function, or a group of them, of this name in the file of this name; the line is for --help
COMMANDS = {
    "colorize": "Colour photos: files, folders, patterns, or - for a pipe.",
    "video": "Colour a film: colour that does not flicker, its own lightness and sound.",
    "verify": "Say what was done to a result, and whether it is true.",
    "strip": "Take the colours out of a result of --lossless again.",
    "archive": "Write what archives keep of a run: PREMIS events, and an IIIF manifest.",
    "models": "List the networks that are installed, or show one's card.",
    "inspect": "Look inside: what a network sees in a photo and makes of it.",
    "serve": "Serve the page and the API: one click for anyone on the network.",
    "key": "Make an API key of a service, and what its file of keys holds of it.",
    "site": "Write a static folder whose page colours in the browser: nothing is uploaded.",
    "worker": "Work off films and batches of a service, on as many machines as you like.",
    "evaluate": "Score networks, or another program's pictures, against true colours.",
    "study": "Ask people: create, serve and report a two-alternative study.",
    "dataset": "Look at a set of training photos, or build one.",
    "train": "Train a network from a recipe, or see one learn a single photo.",
    "recipe": "Rewrite a training recipe of an older version.",
    "export": "Turn a training's checkpoint into a weights file.",
}


class _CommandGroup(typer.core.TyperGroup):
    """Opens a command's file when it is called, so that --help and the other commands need not wait for it."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS and os.path.lexists(cmd_name):
            raise OptionError("command.not_a_command", name=cmd_name)
        if cmd_name not in COMMANDS:
            return None
        found = getattr(importlib.import_module(f"photochrom.cli.{cmd_name}"), cmd_name)
        if isinstance(found, typer.Typer):
            group = typer.main.get_command(found)
            group.name = cmd_name
            return group
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(cmd_name, context_settings=_SETTINGS)(found)
        return keep_plain_values(typer.main.get_command(single), found)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


_SETTINGS = {"help_option_names": ["-h", "--help"]}
_app = typer.Typer(
    cls=_CommandGroup,
    add_completion=False,
    rich_markup_mode=None,
    context_settings=_SETTINGS,
    subcommand_metavar="COMMAND ...",
)


@_app.callback(invoke_without_command=True)
def _photochrom(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Colour black-and-white photographs by deep learning.

    photochrom colorize photo.jpg        writes photo.color.jpg beside it

    photochrom colorize scans -o colour  colours a folder; its tree is mirrored
    """
    if version:
        typer.echo(f"photochrom {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code; no exception leaves it but a forced exit."""
    # a process may be started without them
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        # a file's name may hold bytes that the terminal's encoding does not know
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    _choose_warnings()
    # onnxruntime would write of its telemetry to the terminal where it cannot keep a file for it; we send none
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    # numpy's idle threads of OpenBLAS would spin for a while, beside what works
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
    # OpenCV's would too; what it is given here is small, and the stages of a film keep the processors busy
    os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")
    try:
        words = rewrite_arguments(arguments)
        command = keep_plain_values(typer.main.get_command(_app), _photochrom)
        code = command.main(words, prog_name="photochrom", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # the reader has gone; the interpreter must not complain when it flushes at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except SystemExit as exit_:
        return int(exit_.code or 0)
    except (typer.Abort, KeyboardInterrupt):
        return _fail("command.interrupted", 130)
    except PhotochromError as error:
        _debug(error)
        return _print_error(error, 2 if isinstance(error, OptionError | RecipeError) else 1)
    except MemoryError:
        return _fail("command.out_of_memory", 1)
    except Exception as error:  # whatever it is, a user gets one line
        if hasattr(error, "format_message"):
            path = getattr(getattr(error, "ctx", None), "command_path", "photochrom")
            return _fail("command.usage", 2, problem=error.format_message().rstrip("."), help=f"{path} --help")
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            # said before the buffer is emptied once more at the end, into nothing
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return _fail("command.disk_full", 1)
        _debug(error)
        return _fail("command.unexpected", 70, kind=type(error).__name__, text=error)
    if code == 130:
        return _fail("command.interrupted", 130)
    return int(code or 0)


def run() -> None:
    """The entry point of the ``photochrom`` command."""
    # the libraries make a hundred thousand objects that live to the end: looking through them again and again, and
    # once more at the end, takes a fifth of a second
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
    code = main(sys.argv[1:])
    # the binding of OpenImageIO complains of what is left uncollected
    if "OpenImageIO" not in sys.modules:
        gc.freeze()
    sys.exit(code)


def _choose_warnings() -> None:
    """Shows old names to the user, a line each, and what else libraries warn of to developers only."""
    if not os.environ.get("PHOTOCHROM_DEBUG"):
        warnings.simplefilter("ignore")
    warnings.filterwarnings("always", category=DeprecatedNameWarning)
    show_other = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if issubclass(category, DeprecatedNameWarning):
            typer.echo(f"photochrom: {message}", err=True)
        else:
            show_other(message, category, *place, **more)

    warnings.showwarning = show


def _fail(code: str, exit_code: int, **details: object) -> int:
    return _print_error(PhotochromError(code, **details), exit_code)


def _print_error(error: PhotochromError, exit_code: int) -> int:
    typer.echo(f"photochrom: {explain(error)}", err=True)
    return exit_code


def _debug(error: BaseException) -> None:
    if os.environ.get("PHOTOCHROM_DEBUG"):
        import traceback

        traceback.print_exception(error)
