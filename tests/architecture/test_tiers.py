"""Every test has one tier, and the table of tiers speaks of what exists."""

import ast
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest


def conftest(root: Path) -> dict[str, object]:
    """What the tests' conftest defines, as pytest has it open."""
    path = str(root / "tests" / "conftest.py")
    return next(vars(module) for module in sys.modules.values() if getattr(module, "__file__", None) == path)


def test_the_table_of_tiers_speaks_of_what_exists(root: Path) -> None:
    names = conftest(root)
    tiers, paths, tests = names["TIERS"], names["TIER_OF_PATH"], names["TIER_OF_TEST"]
    assert isinstance(tiers, tuple)
    assert isinstance(paths, dict)
    assert isinstance(tests, dict)
    assert {*paths.values(), *tests.values()} <= set(tiers)
    for path in paths:
        assert (root / path).exists(), path
    for test in tests:
        path, _, function = test.partition("::")
        tree = ast.parse((root / path).read_text(encoding="utf-8"))
        assert function in {getattr(node, "name", "") for node in tree.body}, test


def test_every_test_has_one_tier(request: pytest.FixtureRequest, root: Path) -> None:
    tiers = conftest(root)["TIERS"]
    assert isinstance(tiers, tuple)
    for item in request.session.items:
        assert len({mark.name for mark in item.iter_markers()} & {*tiers}) == 1, item.nodeid


@pytest.mark.parametrize(
    ("path", "fixtures", "mark", "tier"),
    [
        ("tests/color/test_some.py", (), "", "unit"),
        ("tests/color/test_some.py", ("browser",), "", "browser"),
        ("tests/color/test_some.py", ("browser",), "train", "train"),
        ("tests/web/test_some.py", (), "", "integration"),
        ("tests/web/test_some.py", (), "unit", "unit"),
        ("tests/web/page/test_some.py", (), "", "browser"),
        ("tests/webs/test_some.py", (), "", "unit"),
        ("tests/cli/test_some.py", ("tmp_path", "cluster"), "", "cluster"),
    ],
)
def test_mark_then_fixture_then_longest_path(
    root: Path, path: str, fixtures: tuple[str, ...], mark: str, tier: str
) -> None:
    item = SimpleNamespace(
        path=root / path,
        name="test_it",
        fixturenames=fixtures,
        get_closest_marker=lambda name: name == mark,
    )
    find_tier = conftest(root)["find_tier"]
    assert callable(find_tier)
    assert find_tier(item) == tier
