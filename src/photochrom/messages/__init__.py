"""The words of every error, in one place: what failed, and what to do.

A code is ``AREA.NAME``. Its message stands in the module of this package that is named as its area, in a table
``MESSAGES`` from name to message. A module is opened when one of its messages is first needed. A library's message
names no flag of the command line: ``photochrom.cli`` has advice of its own for some codes.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Message", "find_message", "render"]


@dataclass(frozen=True)
class Message:
    """One error in words, both parts whole sentences with ``{fields}`` as in :meth:`str.format`.

    Attributes:
        problem: what failed.
        remedy: what to do; empty where the problem says it all.
    """

    problem: str
    remedy: str = ""

    def fill(self, details: Mapping[str, object]) -> "Message":
        """Returns the message with its fields filled in.

        Raises:
            KeyError: a field has no detail of its name.
        """
        return Message(self.problem.format_map(details), self.remedy.format_map(details))

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}".strip()


def find_message(code: str) -> Message:
    """Returns the message of a code.

    Raises:
        KeyError: the code does not exist.
    """
    area, _, name = code.partition(".")
    if not area.isidentifier() or not name:
        raise KeyError(code)
    try:
        table: Mapping[str, Message] = importlib.import_module(f"photochrom.messages.{area}").MESSAGES
    except ModuleNotFoundError as error:
        raise KeyError(code) from error
    if name not in table:
        raise KeyError(code)
    return table[name]


def render(code: str, details: Mapping[str, object]) -> Message:
    """Returns the message of a code, filled in.

    Raises:
        KeyError: the code does not exist, or a field has no detail of its name.
    """
    return find_message(code).fill(details)
