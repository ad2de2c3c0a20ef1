"""The shape of the source: small files, small folders, one place for old names, torch where it belongs."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from photochrom import deprecations

CheckOffenders = Callable[[str, dict[str, int]], None]
ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "photochrom"
LONGEST_FILE = 350
LARGEST_FOLDER = 14
MOST_PARAMETERS = 12
#: rows of a table are read one by one, so their number does no harm
TABLES = ("messages/*.py", "deprecations.py", "evaluation/results/schema.py")
#: folders that may hold more files than others, and why
LARGE_FOLDERS = {
    "cli": "one file for each command",
    "messages": "one file for each area of errors",
}
#: where old names stand, and a history that speaks of them
OLD_NAMES_ALLOWED = {"src/photochrom/deprecations.py", "CHANGELOG.md", "docs/how-to/run-the-service.md"}
#: words that are never wanted in prose, and how to write it
PHRASES = {
    r"\b(?:is|are) no\b(?! longer)": "is not a",
    r"\bthe same of it\b": "name the thing",
    r"\bmade of it\b": "name the thing",
    r"\bit is told\b": "say who tells",
}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def pages() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_no_file_is_long(check_offenders: CheckOffenders) -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    tables = {path for pattern in TABLES for path in SOURCE.glob(pattern)}
    check_offenders(
        "long files", {name(path): n for path, n in lengths.items() if n > LONGEST_FILE and path not in tables}
    )


def test_no_folder_is_crowded() -> None:
    sizes = Counter(path.parent.relative_to(SOURCE).as_posix() for path in modules())
    crowded = {folder: size for folder, size in sizes.items() if size > LARGEST_FOLDER and folder not in LARGE_FOLDERS}
    assert not crowded
    assert LARGE_FOLDERS.keys() <= sizes.keys(), "an exception for a folder that is gone"


def test_no_function_takes_many_parameters(check_offenders: CheckOffenders) -> None:
    found = Counter[str]()
    for path in modules():
        for node in ast.walk(tree(path)):
            # a command's parameters are its flags
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and path.parent != SOURCE / "cli":
                given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                if len([each for each in given if each.arg not in ("self", "cls")]) > MOST_PARAMETERS:
                    found[f"{name(path)}::{node.name}"] += 1
    check_offenders("many parameters", dict(found))


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """The modules and names that a module imports, also inside its functions."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def test_torch_is_imported_by_models_and_training_alone() -> None:
    for path in modules():
        heavy = {module for module, _ in imports(path) if module.split(".")[0] in {"torch", "lightning"}}
        assert not heavy or path.relative_to(SOURCE).parts[0] in {"models", "training"}, name(path)


def old_words() -> set[str]:
    """Old names that mean nothing else: those of several words, old methods of several, old variables."""
    attributes = {old for table in deprecations.ATTRIBUTES.values() for old in table}
    methods = {old for table in deprecations.METHODS.values() for old in table}
    distinctive = {old for old in attributes | methods if not re.fullmatch(r"[A-Za-z][a-z0-9]*", old)}
    new = {new for table in deprecations.ATTRIBUTES.values() for new in table.values()}
    return (distinctive | set(deprecations.ENVIRONMENT.values())) - new


def test_old_names_stand_in_one_place(check_offenders: CheckOffenders) -> None:
    word = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(old_words())))})\b")
    files = [*SOURCE.rglob("*.py"), *pages(), *(ROOT / "recipes").rglob("*.yaml"), *(ROOT / "benchmarks").glob("*.py")]
    found = {name(path): len(word.findall(path.read_text(encoding="utf-8"))) for path in files}
    check_offenders(
        "old names", {path: count for path, count in found.items() if count and path not in OLD_NAMES_ALLOWED}
    )


def test_nothing_imports_or_defines_an_old_name(check_offenders: CheckOffenders) -> None:
    """For old names that are ordinary words, too: no module imports one from where it stood, nor defines it there."""
    found = Counter[str]()
    for path in modules():
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        own = deprecations.ATTRIBUTES.get(module, {})
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in own:
                found[name(path)] += 1
        for other, imported in imports(path):
            if imported in deprecations.ATTRIBUTES.get(other, {}):
                found[name(path)] += 1
    check_offenders("imports of old names", dict(found))


@pytest.mark.parametrize("phrase", PHRASES, ids=PHRASES.values())
def test_prose_has_no_banned_phrase(phrase: str, check_offenders: CheckOffenders) -> None:
    # wrapped lines: a phrase may go over the end of one
    pattern = re.compile(phrase.replace(" ", r"\s+(?:#\s+)?"), re.IGNORECASE)
    found = {name(path): len(pattern.findall(path.read_text(encoding="utf-8"))) for path in [*modules(), *pages()]}
    check_offenders(f"phrase {phrase}", {path: count for path, count in found.items() if count})


def test_the_rules_catch_what_they_are_for() -> None:
    forbidden = [re.compile(phrase, re.IGNORECASE) for phrase in PHRASES]
    for bad in ("This is no photo.", "There are no files.", "the same of it", "what is made of it", "It is told so."):
        assert any(each.search(bad) for each in forbidden), bad
    for good in ("It is no longer used.", "This is not a photo.", "It is normal."):
        assert not any(each.search(good) for each in forbidden), good
