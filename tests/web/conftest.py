"""A service as people run it: the real command in a process of its own, on a free port."""

import os
import re
import secrets
import select
import signal
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

httpx = pytest.importorskip("httpx", reason="the service needs the web extra")
for module in ("fastapi", "huey", "prometheus_client"):
    pytest.importorskip(module, reason="the service needs the web extra")

PHOTO = Path(__file__).parents[2] / "docs" / "photos" / "astronaut_gray.jpg"


class Service:
    """One run of ``photochrom serve``, which may be ended and begun again over the same store."""

    def __init__(self, folder, *arguments, **environment):
        self.folder, self.arguments = folder, arguments
        temporary = folder / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("PHOTOCHROM_")}
        self.environment |= {
            "PHOTOCHROM_STORAGE_URL": str(folder / "store"),
            "OMP_NUM_THREADS": "2",
            "TMPDIR": str(temporary),
        }
        self.environment |= environment
        self.clients = []
        self.process = None

    def start(self):
        with (self.folder / "errors.txt").open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "photochrom", "serve", "--port", "0", *self.arguments],
                stdout=subprocess.PIPE,
                stderr=errors,
                env=self.environment,
                text=True,
            )
        assert select.select([self.process.stdout], [], [], 60)[0], "the service says nothing"
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + self.errors()
        self.url = found[0].rstrip("/")
        _wait_for(self.answers, 60)

    def answers(self):
        assert self.process.poll() is None, self.errors()
        try:
            return httpx.get(f"{self.url}/api/v1/health").status_code == 200
        except httpx.TransportError:
            return False

    def client(self, **headers):
        """A new client of the API, with a token of its own."""
        known = {"Authorization": f"Bearer {secrets.token_hex(16)}"} | headers
        made = httpx.Client(base_url=f"{self.url}/api/v1/", headers=known, timeout=60)
        self.clients.append(made)
        return made

    def errors(self):
        return (self.folder / "errors.txt").read_text()

    def workers(self):
        """The process ids of its worker."""
        done = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        )
        return [int(line.split()[0]) for line in done.stdout.splitlines() if "photochrom.web.worker" in line]

    def stop(self, how=signal.SIGTERM):
        for each in self.clients:
            each.close()
        self.clients.clear()
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(40)
        self.process.stdout.close()
        return code


def _wait_for(what, seconds=30.0):
    """Wait until something is so, and return it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come to be so in time")


@pytest.fixture(scope="module")
def start_service(tmp_path_factory):
    """Start services; they are ended after the module."""
    started = []

    def start(*arguments, **environment):
        service = Service(tmp_path_factory.mktemp("service"), *arguments, **environment)
        started.append(service)
        service.start()
        return service

    yield start
    for service in started:
        service.stop()


@pytest.fixture(scope="module")
def service(start_service):
    """The service of a module, with its defaults."""
    return start_service()


@pytest.fixture
def api(service):
    """A client with nothing yet."""
    with service.client() as client:
        yield client


@pytest.fixture
def photo(api):
    """The astronaut in gray, put there by ``api``; what is known of it."""
    with PHOTO.open("rb") as file:
        answer = api.post("photos", files={"file": ("Collins 1999.jpg", file)})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture(scope="session")
def photo_file():
    """The photo that tests put there."""
    return PHOTO


@pytest.fixture(scope="session")
def wait_for():
    """Wait until something is so, and return it."""
    return _wait_for


@pytest.fixture(scope="session")
def opened():
    """The picture of an answer."""

    def open_(answer):
        assert answer.status_code == 200, answer.text
        picture = Image.open(BytesIO(answer.content))
        picture.load()
        return picture

    return open_


@pytest.fixture(scope="session")
def finished():
    """A job when it has come to its end."""

    def finish(api, job, seconds=90.0):
        def ended():
            facts = api.get(f"jobs/{job}").json()
            return facts if facts["status"] in ("done", "failed", "cancelled") else None

        return _wait_for(ended, seconds)

    return finish
