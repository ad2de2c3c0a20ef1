"""Redis between a service and its workers: a real redis-server, stopped and started, with and without its memory."""

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import zipfile

import pytest

REDIS = shutil.which("redis-server")
pytestmark = pytest.mark.skipif(REDIS is None, reason="redis-server is not installed")


class Redis:
    """A redis-server that keeps nothing when it ends."""

    def __init__(self, folder):
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.start()

    @property
    def address(self):
        return f"redis://127.0.0.1:{self.port}/3"

    def start(self):
        command = [REDIS, "--port", str(self.port), "--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    """A server for the module."""
    server = Redis(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def service(start_service, redis):
    """A service whose jobs are done elsewhere."""
    return start_service(PHOTOCHROM_QUEUE_URL=redis.address, PHOTOCHROM_WORKER_TIMEOUT="2")


@pytest.fixture
def start_worker(service):
    """Start workers of that service, as on other machines."""
    started = []

    def start():
        command = [sys.executable, "-m", "photochrom", "worker"]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=service.environment, text=True
        )
        started.append(process)
        assert "waiting for jobs" in process.stdout.readline()
        return process

    yield start
    for process in started:
        process.terminate()
        _, errors = process.communicate(timeout=30)
        assert process.returncode in (0, -signal.SIGKILL)
        assert "Traceback" not in errors


def order(api, photo):
    answer = api.post("jobs", json={"photos": [photo["id"]]})
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_two_workers_share_the_jobs(api, photo, start_worker, service, finished):
    assert service.workers() == []
    jobs = [order(api, photo) for _ in range(3)]
    assert {api.get(f"jobs/{job['id']}").json()["status"] for job in jobs} == {"queued"}
    start_worker()
    start_worker()
    for job in jobs:
        done = finished(api, job["id"])
        assert done["status"] == "done"
        with zipfile.ZipFile(io.BytesIO(api.get(done["result"]).content)) as packed:
            assert packed.namelist() == ["Collins 1999.color.jpg"]


def test_redis_restarted_without_its_memory_loses_no_job(api, photo, redis, start_worker, finished, wait_for):
    job = order(api, photo)
    redis.stop()
    # while it is away a job is refused, and nothing of it stays
    refused = api.post("jobs", json={"photos": [photo["id"]]})
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "service.queue_unavailable"
    assert int(refused.headers["retry-after"]) > 0
    assert [each["id"] for each in api.get("jobs").json()["jobs"]] == [job["id"]]
    assert api.get(f"photos/{photo['id']}").status_code == 200
    worker = start_worker()
    redis.start()
    assert finished(api, job["id"])["status"] == "done"

    # a worker that was there all the time goes on as well
    redis.stop()
    redis.start()
    wait_for(lambda: api.post("jobs", json={"photos": [photo["id"]]}).status_code == 202)
    for each in api.get("jobs").json()["jobs"]:
        assert finished(api, each["id"])["status"] == "done"
    assert worker.poll() is None


def test_a_worker_that_is_killed_loses_no_job(api, photo, start_worker, finished, wait_for):
    first = start_worker()
    many = {"photos": [photo["id"]] * 60}
    job = api.post("jobs", json=many).json()
    wait_for(lambda: api.get(f"jobs/{job['id']}").json()["progress"] > 0.1)
    os.kill(first.pid, signal.SIGKILL)
    start_worker()
    done = finished(api, job["id"])
    assert done["status"] == "done"
    with zipfile.ZipFile(io.BytesIO(api.get(done["result"]).content)) as packed:
        assert len(packed.namelist()) == 60
        assert packed.testzip() is None


def test_a_turn_is_had_once(tmp_path, redis):
    from photochrom.web.jobs.queue import JobQueue

    for address in (redis.address, f"sqlite://{tmp_path / 'queue.sqlite'}"):
        one, two = JobQueue(address), JobQueue(address)
        assert [one.claim("a", 0), two.claim("a", 0), two.claim("a", 1)] == [True, False, True]
        assert two.is_claimed("a", 0)
        one.put("client", "b", 0)
        assert two.waiting() == ["b"]
        assert two.length() == 1
        one.forget("a", 1)
        assert two.claim("a", 0)
        one.forget("a", 0)
        two.huey.flush()


def test_a_worker_runs_nothing_that_a_queue_holds(tmp_path):
    import pickle

    from photochrom.web.jobs.queue import JobQueue

    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "sprung"),))

    queue = JobQueue(f"sqlite://{tmp_path / 'queue.sqlite'}")
    queue.huey.storage.enqueue(pickle.dumps(Trap()))
    with pytest.raises(ValueError, match="decode"):
        queue.huey.dequeue()
    assert not (tmp_path / "sprung").exists()
