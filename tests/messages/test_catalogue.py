"""The one place where the words of errors are read: every code that is raised has a message, and every message is
used."""

import ast
import importlib
import pkgutil
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import photochrom.errors
import photochrom.messages
from photochrom.errors import InputError, MissingDependencyError
from photochrom.messages import Message, find_message, render

SOURCE = Path(photochrom.errors.__file__).parent
CODE = re.compile(r"[a-z_]+\.[a-z0-9_]+")


def catalogue() -> dict[str, Message]:
    areas = [module.name for module in pkgutil.iter_modules(photochrom.messages.__path__)]
    return {
        f"{area}.{name}": message
        for area in areas
        for name, message in importlib.import_module(f"photochrom.messages.{area}").MESSAGES.items()
    }


def raised() -> Iterator[tuple[str, str, set[str] | None]]:
    """Every call whose first argument is a code: where it stands, the code, and the names of its details."""
    areas = {module.name for module in pkgutil.iter_modules(photochrom.messages.__path__)}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            code = node.args[0].value
            if isinstance(code, str) and CODE.fullmatch(code) and code.split(".")[0] in areas:
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if called.endswith("Error"):
                    names = {keyword.arg for keyword in node.keywords}
                    yield f"{path}:{node.lineno}", code, None if None in names else names  # type: ignore[misc]


def fields(message: Message) -> set[str]:
    text = message.problem + message.remedy
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_a_message_says_what_failed_and_what_to_do(code: str) -> None:
    message = catalogue()[code]
    assert message.problem.endswith((".", "}"))
    # a field may be a whole sentence
    assert not message.remedy or message.remedy.endswith((".", "}"))
    for part in (message.problem, message.remedy):
        assert not re.search(r"(^|\s)--[a-z]", part), "a flag of the command line"
        assert not re.search(r"\b(is|are) no\b(?! longer)", part), "write 'is not a'"


def test_every_error_raised_has_its_message_and_details() -> None:
    messages = catalogue()
    for place, code, names in raised():
        assert code in messages, f"{place}: {code} has no message"
        if names is not None:
            assert fields(messages[code]) == names, f"{place}: {code}"


def test_every_message_is_used() -> None:
    text = "\n".join(path.read_text() for path in SOURCE.rglob("*.py") if path.parent.name != "messages")
    unused = [code for code in catalogue() if f'"{code}"' not in text and code != "dependency.missing"]
    assert not unused


def test_an_error_carries_its_code_and_details_to_another_process() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(MissingDependencyError("Reading HEIC", "heic")))
    assert (error.code, error.details) == ("dependency.missing", {"feature": "Reading HEIC", "extra": "heic"})
    assert str(error) == "Reading HEIC needs an optional part. Run  pip install 'photochrom[heic]'."


def test_a_code_that_does_not_exist_is_a_mistake_of_ours() -> None:
    for code in ("nothing.like_it", "dependency.other", "dependency", "os.path"):
        with pytest.raises(KeyError):
            find_message(code)
    with pytest.raises(KeyError):
        render("dependency.missing", {"feature": "x"})
    with pytest.raises(KeyError):
        InputError("nothing.like_it")
