"""What a program may rely on, by name, signature and default: a change here is seen in review, never by accident."""

import dataclasses
import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import photochrom
from photochrom.deprecations import METHODS

#: of pages made of docstrings: a module, and the members that are shown of it
DIRECTIVE = re.compile(r"^::: ([\w.]+)\n((?:    .*\n)*)", re.MULTILINE)


def documented(page: Path) -> Iterator[tuple[str, object]]:
    """What the page about Python shows, by dotted name."""
    for module_name, options in DIRECTIVE.findall(page.read_text(encoding="utf-8") + "\n"):
        module = importlib.import_module(module_name)
        members = re.search(r"members: \[(.*?)\]", options)
        for name in members[1].split(", ") if members else module.__all__:
            yield f"{module_name}.{name}", getattr(module, name)


def annotation(value: Any) -> str:
    """The words of an annotation, the same in every version of Python and numpy."""
    text = value if isinstance(value, str) else inspect.formatannotation(value)
    text = text.replace("pathlib._local.", "pathlib.").replace("collections.abc.", "").replace("typing.", "")
    text = re.sub(r"\bphotochrom(?:\.\w+)*\.(\w+)", r"\1", text)
    text = re.sub(r"numpy\.ndarray\[tuple\[.*?\], numpy\.dtype\[([\w.~+]*)\]\]", r"NDArray[\1]", text)
    return re.sub(r"ForwardRef\('([^']*)'[^)]*\)", r"\1", text)


class _Words(str):
    """Prints without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def signature(value: Callable[..., object]) -> str:
    """A signature in words."""
    found = inspect.signature(value)
    parameters = [
        each.replace(
            annotation=each.annotation if each.annotation is each.empty else _Words(annotation(each.annotation)),
            default=each.default
            if each.default is each.empty or isinstance(each.default, int | float | str | None)
            else _Words(re.sub(r" at 0x\w+", "", repr(each.default))),
        )
        for each in found.parameters.values()
    ]
    result = found.return_annotation
    text = str(found.replace(parameters=parameters, return_annotation=found.empty))
    return text if result is found.empty else f"{text} -> {annotation(result)}"


def describe(value: object) -> object:
    """A function's signature; of a class, what it inherits, its own signature and its public methods and properties."""
    if inspect.isclass(value):
        old = METHODS.get(value.__name__, {})
        members = {}
        for name, member in sorted(vars(value).items()):
            if (name.startswith("_") and name != "__call__") or name in old:
                continue
            if isinstance(member, property):
                members[name] = "property"
            elif isinstance(member, staticmethod | classmethod):
                members[name] = f"{type(member).__name__}{signature(member.__func__)}"
            elif inspect.isfunction(member):
                members[name] = signature(member)
        fields = [field.name for field in dataclasses.fields(value)] if dataclasses.is_dataclass(value) else []
        bases = [base.__name__ for base in value.__bases__ if base is not object]
        return {"bases": bases, "fields": fields, "members": members, "signature": signature(value)}
    if callable(value):
        return signature(value)
    return type(value).__name__


def test_what_is_public_is_as_written_down(root: Path, check_snapshot: Callable[[str, object], None]) -> None:
    public = {f"photochrom.{name}": getattr(photochrom, name) for name in photochrom.__all__ if name != "errors"}
    public |= {f"photochrom.errors.{name}": getattr(photochrom.errors, name) for name in photochrom.errors.__all__}
    seen = {id(value) for value in public.values() if callable(value)}
    shown = documented(root / "docs" / "reference" / "python.md")
    public |= {name: value for name, value in shown if id(value) not in seen}
    check_snapshot("public_api.json", {name: describe(value) for name, value in public.items()})


def test_every_public_name_has_a_docstring() -> None:
    for name in {*photochrom.__all__} - {"__version__"}:
        assert inspect.getdoc(getattr(photochrom, name)), name
