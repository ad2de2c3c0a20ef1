"""Dockerfile and compose.yaml, checked as far as they can be without an engine: what they say, and their commands."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="compose.yaml is YAML")

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def steps():
    """The Dockerfile's instructions: (name, rest)."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [tuple(line.split(None, 1)) for line in lines]


def last(steps, name):
    return [rest for instruction, rest in steps if instruction == name][-1]


def test_the_image_is_not_root_and_looks_after_itself(steps):
    assert {name for name, _ in steps} <= {
        *("FROM", "ARG", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE"),
        *("STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
    }
    assert last(steps, "USER") == "photochrom"
    assert json.loads(last(steps, "ENTRYPOINT")) == ["photochrom"]
    assert json.loads(last(steps, "CMD"))[0] == "serve"
    variables = dict(pair.split("=", 1) for pair in shlex.split(last(steps, "ENV")))
    # what is written lies in the volume, so that all else can be read-only
    assert variables["PHOTOCHROM_STORAGE_URL"].startswith(last(steps, "VOLUME"))
    assert variables["TMPDIR"].startswith(last(steps, "VOLUME"))
    extras = dict(rest.split("=", 1) for name, rest in steps if name == "ARG")["EXTRAS"]
    assert '".[${EXTRAS}]"' in " ".join(rest for name, rest in steps if name == "RUN")
    assert {"web", "video"} <= set(extras.split(","))


def test_what_is_copied_is_there_and_not_ignored(steps):
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for name, rest in steps:
        if name == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists()
                assert source in kept


def test_the_health_check_and_the_start_work(steps, start_service):
    command = json.loads(last(steps, "HEALTHCHECK").partition("CMD")[2])
    assert command[0] == "python"
    service = start_service()
    port = service.url.rpartition(":")[2]
    check = [sys.executable, "-c", command[2].replace("127.0.0.1:8000", f"127.0.0.1:{port}")]
    assert subprocess.run(check, capture_output=True).returncode == 0
    service.stop()
    assert subprocess.run(check, capture_output=True).returncode != 0
    for arguments in (json.loads(last(steps, "CMD")), ["worker"]):
        known = subprocess.run(
            [sys.executable, "-m", "photochrom", arguments[0], "--help"], capture_output=True, text=True, check=True
        ).stdout
        assert all(option in known for option in arguments if option.startswith("--"))


def test_compose_gives_each_no_more_than_it_needs():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert set(services) == {"web", "worker", "redis"}
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    for name in ("web", "worker"):
        environment = services[name]["environment"]
        assert environment["PHOTOCHROM_QUEUE_URL"].startswith("redis://redis:")
        assert services[name]["volumes"] == ["photos:/data"]
        assert environment["PHOTOCHROM_STORAGE_URL"].startswith("/data")
    assert services["worker"]["command"] == ["worker"]
    # only this machine reaches it, until a proxy is put before it
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert "ports" not in services["redis"]
    for name in ("web", "worker"):
        assert services[name]["depends_on"] == {"redis": {"condition": "service_healthy"}}
    assert services["redis"]["healthcheck"]
