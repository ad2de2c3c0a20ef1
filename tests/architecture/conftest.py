"""Facts about the source that tests compare with what is written down: ``make snapshots`` writes them anew."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KNOWN = Path(__file__).with_name("known_offenders.json")


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture
def check_snapshot() -> Callable[[str, object], None]:
    """Compares facts with a JSON file of this folder."""

    def check(name: str, facts: object) -> None:
        path = Path(__file__).with_name(name)
        if os.environ.get("UPDATE_SNAPSHOTS"):
            _write(path, facts)
        assert facts == json.loads(path.read_text(encoding="utf-8")), f"if this is meant: make snapshots ({name})"

    return check


@pytest.fixture
def check_offenders() -> Callable[[str, dict[str, int]], None]:
    """Compares what breaks a rule, counted by file, with the list of those that did when the rule came.

    The list only shrinks: ``make snapshots`` takes entries off the list and lowers counts; it never adds one.
    """

    def check(rule: str, offenders: dict[str, int]) -> None:
        known = json.loads(KNOWN.read_text(encoding="utf-8"))
        allowed = known.get(rule, {})
        more = {name: count for name, count in offenders.items() if count > allowed.get(name, 0)}
        assert not more, f"{rule}: against the rule, and not on the list of {KNOWN.name}"
        if os.environ.get("UPDATE_SNAPSHOTS"):
            known[rule] = allowed = offenders
            _write(KNOWN, {name: entries for name, entries in known.items() if entries})
        assert offenders == allowed, f"{rule}: some are mended; take them off the list: make snapshots"

    return check
