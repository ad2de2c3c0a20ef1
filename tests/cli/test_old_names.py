"""Old commands and flags work for one release, and the user reads what to write instead."""

import subprocess
import sys

import pytest
import typer.main

from photochrom.cli.main import COMMANDS, _app, main
from photochrom.deprecations import COMMANDS as OLD_COMMANDS
from photochrom.deprecations import FLAGS, rewrite_arguments


def find_command(name: str) -> object:
    return typer.main.get_command(_app).get_command(None, name)


def flags(command: object) -> set[str]:
    below = getattr(command, "commands", {}).values()
    own = {flag for parameter in command.params for flag in parameter.opts}  # type: ignore[attr-defined]
    return own.union(*map(flags, below))


@pytest.mark.parametrize(("command", "old"), [(command, old) for command in FLAGS for old in FLAGS[command]])
def test_an_old_flag_becomes_one_that_exists(command: str, old: str) -> None:
    new = FLAGS[command][old]
    known = flags(find_command(command))
    assert new in known
    with pytest.warns(DeprecationWarning, match=rf"{new}\."):
        assert rewrite_arguments([command, old, "x"]) == [command, new, "x"]
    with pytest.warns(DeprecationWarning, match="is deprecated"):
        assert rewrite_arguments([command, f"{old}=x"]) == [command, f"{new}=x"]
    # what follows -- is a file's name
    assert rewrite_arguments([command, "--", old]) == [command, "--", old]


@pytest.mark.parametrize("old", sorted(OLD_COMMANDS))
def test_an_old_command_becomes_one_that_exists(old: str) -> None:
    new = OLD_COMMANDS[old].split()
    assert new[0] in COMMANDS
    assert all(name in find_command(new[0]).commands for name in new[1:])  # type: ignore[attr-defined]
    with pytest.warns(DeprecationWarning, match="is deprecated"):
        assert rewrite_arguments([*old.split(), "a", "b"]) == [*new, "a", "b"]


def test_the_user_reads_one_line_for_each_old_name(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "inspect", "nowhere", "--out", "report"]) == 1
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("photochrom: ") for line in lines)
    assert "photochrom dataset" in lines[0]
    assert "--output" in lines[1]
    assert "nowhere" in lines[2]


def test_a_whole_process_says_it_too() -> None:
    command = [sys.executable, "-m", "photochrom", "evaluate", "--data", "x", "--out=r", "--protocol", "none"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 2
    assert "--output" in done.stderr.splitlines()[0]
