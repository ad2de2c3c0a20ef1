"""The page about the architecture shows the source as it is."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def drawing(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_architecture", root / "docs" / "draw_architecture.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_drawings_are_what_the_script_draws(drawing: ModuleType, root: Path) -> None:
    for name, draw in drawing.DRAWINGS.items():
        assert (root / "docs" / "images" / name).read_text(encoding="utf-8") == draw(), "make snapshots"


def test_every_package_has_a_place_and_a_purpose(drawing: ModuleType, root: Path) -> None:
    layers = {name for layer in drawing.read_layers() for name in layer}
    source = root / "src" / "photochrom"
    there = {path.parent.name for path in source.glob("*/__init__.py")} | {path.stem for path in source.glob("*.py")}
    assert layers == drawing.PURPOSES.keys() == there - {"__init__", "__main__", "weights"}


def test_the_page_goes_the_same_way(drawing: ModuleType, root: Path) -> None:
    page = (root / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \d \| `([\w.]+)`", page, re.MULTILINE) == [module for module, *_ in drawing.WAY]
    assert len(drawing.WAY) <= 9


def test_a_way_that_is_not_in_the_source_is_refused(drawing: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *rest = drawing.WAY
    monkeypatch.setattr(drawing, "WAY", (first, ("photochrom.hints", "no_such_function", "", first[0])))
    with pytest.raises(ValueError, match="no_such_function"):
        drawing.find_calls()
    monkeypatch.setattr(drawing, "WAY", (first, *rest[:1], ("photochrom.training.trainer", "fit", "", rest[0][0])))
    with pytest.raises(ValueError, match="does not import"):
        drawing.find_calls()
