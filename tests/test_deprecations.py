"""Every old name is in the changelog's migration table, and every new name of an attribute exists."""

import importlib
from pathlib import Path

import pytest

from photochrom import deprecations

CHANGELOG = (Path(__file__).parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_changelog_lists_every_old_name() -> None:
    old = {
        *(name for table in deprecations.ATTRIBUTES.values() for name in table),
        *(name for table in deprecations.KEYWORDS.values() for name in table),
        *(f"{name}()" for table in deprecations.METHODS.values() for name in table),
        *(name for table in deprecations.FLAGS.values() for name in table),
        *(f"photochrom {name}" for name in deprecations.COMMANDS),
        *deprecations.ENVIRONMENT.values(),
        *deprecations.REST_PATHS,
        *deprecations.REST_FIELDS,
        *deprecations.GRAPH_NAMES.values(),
    }
    assert not [name for name in sorted(old) if f"`{name}`" not in CHANGELOG]


@pytest.mark.parametrize("module", deprecations.ATTRIBUTES)
def test_an_old_attribute_warns_and_is_the_new_one(module: str) -> None:
    home = importlib.import_module(module)
    for old, new in deprecations.ATTRIBUTES[module].items():
        with pytest.warns(DeprecationWarning, match=new):
            found = getattr(home, old)
        assert found is getattr(home, new)


def test_arguments_are_rewritten_up_to_a_double_dash() -> None:
    with pytest.warns(DeprecationWarning, match="--input-size"):
        rewritten = deprecations.rewrite_arguments(["colorize", "a.jpg", "--size=64", "--", "--size"])
    assert rewritten == ["colorize", "a.jpg", "--input-size=64", "--", "--size"]
    assert deprecations.rewrite_arguments(["--version"]) == ["--version"]
    assert deprecations.rewrite_arguments(["models", "--size"]) == ["models", "--size"]


def test_an_old_environment_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PHOTOCHROM_QUEUE_URL", raising=False)
    monkeypatch.setenv("PHOTOCHROM_QUEUE", "redis://here")
    with pytest.warns(DeprecationWarning, match="PHOTOCHROM_QUEUE_URL"):
        assert deprecations.read_environment("PHOTOCHROM_QUEUE_URL") == "redis://here"
    monkeypatch.setenv("PHOTOCHROM_QUEUE_URL", "redis://there")
    assert deprecations.read_environment("PHOTOCHROM_QUEUE_URL") == "redis://there"
