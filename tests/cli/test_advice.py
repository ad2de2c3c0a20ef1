"""What the command adds to the library's words: advice that names flags and commands, all of which exist."""

import re
import string

import pytest
import typer.main

from photochrom.cli._support.advice import ADVICE, explain
from photochrom.cli.main import COMMANDS, _app
from photochrom.errors import InputError, WriteError
from photochrom.messages import find_message


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def flags(command: object) -> set[str]:
    below = getattr(command, "commands", {}).values()
    own = {flag for parameter in command.params for flag in parameter.opts}  # type: ignore[attr-defined]
    return own.union(*map(flags, below))


@pytest.fixture(scope="module")
def known() -> set[str]:
    group = typer.main.get_command(_app)
    return set().union(*(flags(group.get_command(None, name)) for name in COMMANDS))


@pytest.mark.parametrize("code", sorted(ADVICE))
def test_advice_belongs_to_an_error_and_names_what_there_is(code: str, known: set[str]) -> None:
    message, advice = find_message(code), ADVICE[code]
    assert fields(advice) <= fields(message.problem + message.remedy)
    assert advice.endswith(".")
    assert set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", advice)) <= known
    assert {name for name in re.findall(r"photochrom ([a-z]+)", advice) if name not in COMMANDS} == set()


def test_advice_replaces_the_remedy_and_stays_on_one_line() -> None:
    error = WriteError("journal.unwritable", folder="a\nb", reason="full")
    assert "--resume" not in str(error)
    assert "--resume" in explain(error)
    assert explain(error).startswith("The journal in 'a b' cannot be written (full).")


def test_an_error_without_advice_keeps_its_remedy() -> None:
    error = InputError("batch.name_empty")
    assert explain(error) == str(error)
