"""A bucket coloured by a real Ray cluster of two machines' worth of processes; one dies, and one photo kills."""

import os
import shutil
import tarfile
import threading
from pathlib import Path

import pytest

from photochrom.batch import colorize_files
from photochrom.batch.stored import cluster_watch
from photochrom.colorizer import Colorizer
from photochrom.options import ColorizeOptions

ray = pytest.importorskip("ray", reason="sharing photos among machines needs the ray extra")
pytestmark = [
    # Ray's own: sockets and processes it leaves to the interpreter's end
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]
OPTIONS = ColorizeOptions(input_size=64)
#: Python runs this first in every process of the cluster: opening such a photo ends it, as a fault in a decoder would,
#: and so does opening a network while there is such a file, as a machine without memory would
KILLER = """
import os, signal, sys
def watch(event, arguments):
    poison = event == "open" and str(arguments[0]).endswith("/in/poison.png")
    full = event == "import" and arguments[0] == "onnxruntime" and os.path.exists(__file__ + ".full")
    if poison or full:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
"""


@pytest.fixture(scope="module")
def cluster(s3_server, tmp_path_factory):
    utilities = pytest.importorskip("ray.cluster_utils")
    folder = tmp_path_factory.mktemp("killer")
    (folder / "sitecustomize.py").write_text(KILLER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", s3_server[0])
        for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(key, "tests")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        # on a busy machine, workers that yield to everything else would not get anywhere
        patch.setenv("RAY_worker_niceness", "0")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]))
        made = utilities.Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 1, "include_dashboard": False, "object_store_memory": 10**8},
        )
        made.add_node(num_cpus=1, object_store_memory=10**8)
        made.wait_for_nodes()
        yield made
        ray.shutdown()
        made.shutdown()


def results(store, prefix: str) -> dict[str, bytes]:
    files = store.get(prefix)
    return {name: files[name] for name in files if not name.startswith(".photochrom/") and not name.endswith(".json")}


def test_a_machine_dies_and_a_photo_kills(cluster, address, s3, folder, photo, tmp_path) -> None:
    for number in range(6, 12):
        photo(folder / "below" / f"{number}.png", seed=number)
    photo(folder / "poison.png")
    (folder / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    source, output = s3.put(folder), f"s3://{s3.bucket}/out"
    network = Colorizer(threads=1, device="cpu")
    node = next(each for each in cluster.worker_nodes)
    killed = threading.Event()

    def kill(event) -> None:
        if event.file.status == "done" and not killed.is_set():
            killed.set()
            cluster.remove_node(node, allow_graceful=False)

    report = colorize_files([source], output, colorizer=network, options=OPTIONS, backend="ray", on_event=kill)
    assert killed.is_set()
    assert report.stopped is None
    ends = {Path(file.source).name: file.error_code for file in report.files}
    assert len(ends) == len(report.files) == 14
    torn = colorize_files([folder / "torn.jpg"], tmp_path / "torn.png", colorizer=network, options=OPTIONS)
    assert {name: code for name, code in ends.items() if code} == {
        "poison.png": "system.worker_killed",
        "torn.jpg": torn.files[0].error_code,
    }
    # the same files as here, each finished once
    again = colorize_files([source], output, colorizer=network, options=OPTIONS, resume=True)
    assert (again.skipped, again.done, again.failed) == (12, 1, 1)
    colorize_files([folder], tmp_path / "here", colorizer=network, options=OPTIONS)
    here = {path.relative_to(tmp_path / "here").as_posix(): path for path in (tmp_path / "here").rglob("*.png")}
    assert results(s3, "out") == {name: path.read_bytes() for name, path in here.items()}
    marks = [name.split("~")[0] for name in s3.get("out") if "~" in name]
    assert len(marks) == len(set(marks)) == 13
    assert not ray.is_initialized()


def test_of_shards_only_the_photo_that_kills_is_lost(cluster, address, s3, folder, tmp_path) -> None:
    for number in range(6):
        # sizes that take different times
        with tarfile.open(tmp_path / f"{number}.tar", "w") as archive:
            for name in range(2 + number % 3):
                archive.add(folder / f"{name}.png", f"{number}-{name}.png")
        sent = tmp_path / "sent"
        shutil.copyfile(tmp_path / f"{number}.tar", sent)
        if number == 2:
            with tarfile.open(sent, "a") as archive:
                archive.add(folder / "0.png", "poison.png")
        s3.client.upload_file(str(sent), s3.bucket, f"shards/{number}.tar")
    node = cluster.add_node(num_cpus=1, object_store_memory=10**8)
    cluster.wait_for_nodes()
    network = Colorizer(threads=1, device="cpu")
    killed = threading.Event()

    def kill(event) -> None:
        if not killed.is_set():
            killed.set()
            cluster.remove_node(node, allow_graceful=False)

    source, output = f"s3://{s3.bucket}/shards/*.tar", f"s3://{s3.bucket}/colored"
    report = colorize_files([source], output, colorizer=network, options=OPTIONS, backend="ray", on_event=kill)
    assert killed.is_set()
    assert (report.done, report.failed, report.stopped) == (18, 1, None)
    (failed,) = [file for file in report.files if file.status == "failed"]
    assert (failed.error_code, failed.source) == ("system.worker_killed", f"{source[:-5]}2.tar, poison.png")
    again = colorize_files([source], output, colorizer=network, options=OPTIONS, resume=True)
    assert (again.skipped, again.done) == (18, 0)
    # as if it had not been there
    colorize_files([tmp_path / "*.tar"], tmp_path / "here", colorizer=network, options=OPTIONS)
    assert results(s3, "colored") == {path.name: path.read_bytes() for path in (tmp_path / "here").glob("*.tar")}
    assert len([name for name in s3.get("colored") if "~" in name]) == 6


def test_processes_that_do_not_live_to_open_the_network_end_the_run(cluster, address, s3, folder, monkeypatch) -> None:
    monkeypatch.setattr(cluster_watch, "LOOK_AFTER", 2.0)
    source, output = s3.put(folder), f"s3://{s3.bucket}/never"
    full = Path(os.environ["PYTHONPATH"].split(os.pathsep)[0], "sitecustomize.py.full")
    full.touch()
    network = Colorizer(threads=1, device="cpu")
    report = colorize_files([source], output, colorizer=network, options=OPTIONS, backend="ray", jobs=1)
    full.unlink()
    assert report.stopped is not None
    assert report.stopped.code == "system.workers_killed"
    assert (report.done, report.failed) == (0, 0)
    assert not ray.is_initialized()
