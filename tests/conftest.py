"""What tests share: their tiers, chance that is the same each time, a real browser and a real cluster."""

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

# fixed: the same examples every time; HYPOTHESIS_PROFILE=random: new ones, with how to repeat a failure
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("random", derandomize=False, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

ROOT = Path(__file__).parents[1]
TIERS = ("unit", "integration", "browser", "cluster", "train")
#: fixtures that say what a test needs, whatever file it stands in
TIER_OF_FIXTURE = {"browser": "browser", "cluster": "cluster"}
#: folders and files by tier, the longest path that fits counts; everything else is ``unit``
TIER_OF_PATH = {
    "tests/cli": "integration",
    "tests/test_docs.py": "integration",
    "tests/training/test_checkpoint.py": "train",
    "tests/web": "integration",
    "tests/web/page": "browser",
}
#: single tests of other files that take long
TIER_OF_TEST: dict[str, str] = {}


def find_tier(item: pytest.Item) -> str:
    """Returns the tier of a test: its own mark, or what it is listed under, or what its fixtures and its file say."""
    for tier in TIERS:
        if item.get_closest_marker(tier):
            return tier
    for fixture, tier in TIER_OF_FIXTURE.items():
        if fixture in getattr(item, "fixturenames", ()):
            return tier
    path = item.path.relative_to(ROOT).as_posix() if item.path.is_relative_to(ROOT) else ""
    if tier := TIER_OF_TEST.get(f"{path}::{getattr(item, 'originalname', item.name)}"):
        return tier
    places = [place for place in TIER_OF_PATH if path == place or path.startswith(f"{place}/")]
    return TIER_OF_PATH[max(places, key=len)] if places else "unit"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives every test the mark of its tier, before ``-m`` selects by it."""
    for item in items:
        tier = find_tier(item)
        if not item.get_closest_marker(tier):
            item.add_marker(tier)


@pytest.fixture(autouse=True)
def _same_chance() -> None:
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - for libraries that use the global generator
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, without a window. Playwright runs once in a process and has its event loop there, so it is not kept."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("browser tests need /usr/bin/chromium")
    quiet = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
    with sync_api.sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", *quiet]
        found = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield found
        found.close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A Ray cluster of two nodes, each a raylet with workers of its own; the head has the store of names too."""
    ray = pytest.importorskip("ray")
    utilities = pytest.importorskip("ray.cluster_utils")
    made = utilities.Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, "object_store_memory": 10**8}
    )
    made.add_node(num_cpus=1, object_store_memory=10**8)
    made.wait_for_nodes()
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.fixture
def address(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cluster is the one that ``RAY_ADDRESS`` names."""
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
