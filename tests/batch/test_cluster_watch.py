"""A run on a cluster that brings nothing forward: looked at after a minute, ended after a quarter of an hour."""

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from photochrom.batch.stored import cluster_watch
from photochrom.batch.stored.cluster_watch import ClusterWatch
from photochrom.errors import OutputError


class RayError(Exception):
    """Stands for Ray's own."""


class Cluster:
    """Stands for Ray: says how many processes open the network, and how many processors there are."""

    def __init__(self) -> None:
        self.exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayError)
        self.begun: int | Exception = 0
        self.processors = 4
        self.asked = 0
        self.unfinished = SimpleNamespace(remote=lambda work: work)

    def get(self, _: Any, timeout: float) -> int:
        assert timeout > 0
        self.asked += 1
        if isinstance(self.begun, Exception):
            raise self.begun
        return self.begun

    def cluster_resources(self) -> dict[str, int]:
        return {"CPU": self.processors}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    made = SimpleNamespace(now=100.0)
    monkeypatch.setattr(cluster_watch, "time", SimpleNamespace(monotonic=lambda: made.now))
    return made


def test_while_photos_come_the_cluster_is_left_alone(clock: Any) -> None:
    cluster = Cluster()
    watch = ClusterWatch(cluster, cluster, 2)
    for _ in range(100):
        clock.now += 50
        watch.check()
        watch.renew()
    assert cluster.asked == 0


def test_a_quiet_minute_is_said_once_and_a_quarter_of_an_hour_ends_the_run(
    clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    cluster = Cluster()
    watch = ClusterWatch(cluster, cluster, 2)
    with caplog.at_level(logging.WARNING):
        for _ in range(1799):
            clock.now += 0.5
            watch.check()
    clock.now += 0.5
    with pytest.raises(OutputError) as found:
        watch.check()
    assert found.value.code == "system.cluster_silent"
    assert cluster.asked == 15
    assert len(caplog.records) == 1


def test_a_cluster_without_machines_is_waited_for(clock: Any) -> None:
    cluster = Cluster()
    cluster.processors = 0
    watch = ClusterWatch(cluster, cluster, 1)
    for _ in range(100):
        clock.now += 60
        watch.check()


def test_processes_that_are_killed_again_and_again_are_told_from_those_that_begin(clock: Any) -> None:
    cluster = Cluster()
    watch = ClusterWatch(cluster, cluster, 2)
    cluster.begun = 8
    clock.now += 61
    watch.check()
    cluster.begun = 9
    clock.now += 61
    with pytest.raises(OutputError) as found:
        watch.check()
    assert found.value.code == "system.workers_killed"


@pytest.mark.parametrize(
    ("said", "code"),
    [("the actor died: Ray killed it, out of memory", "system.cluster_full"), ("gone", "system.cluster_lost")],
)
def test_a_ledger_that_is_killed_ends_the_run(clock: Any, said: str, code: str) -> None:
    cluster = Cluster()
    cluster.begun = RayError(said)
    watch = ClusterWatch(cluster, cluster, 2)
    clock.now += 61
    with pytest.raises(OutputError) as found:
        watch.check()
    assert found.value.code == code
