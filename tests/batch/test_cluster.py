"""A real Ray cluster colours a folder: several machines' worth of processes, one of which may die."""

import json
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from photochrom import errors
from photochrom.batch import Sidecars, colorize_files
from photochrom.batch import ray_backend as room
from photochrom.cli.main import main
from photochrom.colorizer import Colorizer
from photochrom.errors import MissingDependencyError, OptionError, OutputError, PhotochromError
from photochrom.image_io import read_picture
from photochrom.options import Options

ray = pytest.importorskip("ray", reason="sharing photos among machines needs the ray extra")
pytestmark = [
    # Ray's own: sockets and processes it leaves to the interpreter's end
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]

OPTIONS = Options(size=64)


@pytest.fixture(scope="module")
def network():
    return Colorizer(threads=1, device="cpu")


@pytest.fixture
def shoebox(folder, gray):
    """Photos of several kinds in two folders, and one that is none."""
    Image.fromarray(gray).save(folder / "old.jpg", quality=90)
    Image.fromarray(gray.astype(np.uint16) * 257).save(folder / "deep.tif")
    (folder / "below").mkdir()
    Image.fromarray(gray).save(folder / "below" / "0.png")
    (folder / "torn.jpg").write_bytes((folder / "old.jpg").read_bytes()[:300])
    return folder


def contents(folder):
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files if path.suffix != ".json"}


def test_a_cluster_makes_the_same_files(address, shoebox, tmp_path, network, monkeypatch):
    beside = Sidecars(confidence=True, project=True)
    reference = tmp_path / "reference.png"
    Image.fromarray(skimage.data.chelsea()).save(reference)
    here = colorize_files(
        [shoebox], tmp_path / "here", colorizer=network, options=OPTIONS, beside=beside, reference=reference
    )
    # a name from the working folder means the same file on every machine
    monkeypatch.chdir(tmp_path)
    told = []
    there = colorize_files(
        ["in"],
        "there",
        colorizer=network,
        options=OPTIONS,
        beside=beside,
        backend="ray",
        reference="reference.png",
        on_event=told.append,
    )
    assert (there.done, there.failed, there.jobs) == (here.done, here.failed, 2) == (9, 1, 2)
    files, expected = contents(tmp_path / "there"), contents(tmp_path / "here")
    # 16 bits show in which order a processor added up
    deep = [read_picture(tmp_path / run / "deep.tif").pages[0].pixels.astype(int) for run in ("here", "there")]
    assert np.abs(deep[0] - deep[1]).max() <= 4
    assert files.keys() == expected.keys()
    assert {name for name in files if files[name] != expected[name]} <= {"deep.tif"}
    assert len(contents(tmp_path / "here")) == 18
    name = "old.photochrom.json"
    first, second = (json.loads((tmp_path / run / name).read_text()) for run in ("here", "there"))
    assert first == second
    assert [event.position for event in told] == list(range(1, 11))
    bad = next(file for file in there.files if file.status == "failed")
    assert Path(bad.source).name == "torn.jpg"
    assert bad.error_code == next(file.error_code for file in here.files if file.status == "failed")
    assert not ray.is_initialized()


def test_a_run_begun_there_is_gone_on_with_here(address, folder, tmp_path, network):
    stop = threading.Event()
    out = tmp_path / "out"

    from photochrom.batch import plan_jobs, run_plan

    report = run_plan(
        plan_jobs([folder], out),
        colorizer=network,
        options=OPTIONS,
        backend="ray",
        jobs=1,
        stop=stop,
        on_event=lambda event: stop.set(),
    )
    assert 1 <= report.done < 6
    assert report.remaining == 6 - report.done
    again = colorize_files([folder], out, colorizer=network, options=OPTIONS, resume=True)
    assert (again.skipped, again.done) == (report.done, 6 - report.done)


def test_a_machine_that_dies_takes_nothing_with_it(cluster, address, folder, tmp_path, network):
    node = cluster.add_node(num_cpus=4, object_store_memory=10**8)
    cluster.wait_for_nodes()
    killed = threading.Event()

    def kill(event):
        if not killed.is_set():
            killed.set()
            cluster.remove_node(node, allow_graceful=False)

    report = colorize_files([folder], tmp_path / "out", colorizer=network, options=OPTIONS, backend="ray", on_event=kill)
    assert killed.is_set()
    assert (report.done, report.failed) == (6, 0)


def test_photos_that_the_machines_do_not_see(address, folder, tmp_path, network, monkeypatch):
    real = room._SharedInput

    def shared(*arguments):
        # as on a machine without the folder: the select_tasks has seen it, the tasks do not
        folder.rename(tmp_path / "elsewhere")
        return real(*arguments)

    monkeypatch.setattr(room, "_SharedInput", shared)
    report = colorize_files([folder], tmp_path / "out", colorizer=network, options=OPTIONS, backend="ray")
    assert (report.done, report.failed) == (0, 6)
    assert {file.error_code for file in report.files} == {"batch.not_seen_there"}


def test_the_command_and_what_it_refuses(address, folder, tmp_path, monkeypatch, capfd):
    out = tmp_path / "out"
    assert main(["colorize", str(folder), "-o", str(out), "--input-size", "64", "--backend", "ray"]) == 0
    assert len(contents(out)) == 6
    for words, said in (
        ([str(folder / "0.png"), "--backend", "spark"], "local or ray"),
        ([str(folder / "0.png"), "--backend", "ray", "--variations", "2"], "--backend does not go with --variations"),
        (["-", "--backend", "ray"], "--backend does not go with a pipe"),
    ):
        capfd.readouterr()
        assert main(["colorize", *words, "-o", str(tmp_path / "no.png")]) != 0
        assert said in capfd.readouterr().err.replace("\n", " ")
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    assert main(["colorize", str(folder), "-o", str(tmp_path / "none"), "--backend", "ray"]) == 1
    assert "RAY_ADDRESS" in capfd.readouterr().err


def test_errors_cross_processes() -> None:
    def kinds(kind):
        return [kind, *(found for below in kind.__subclasses__() for found in kinds(below))]

    for kind in kinds(PhotochromError):
        if kind.__module__ == errors.__name__:
            error = (
                kind("Reading HEIC", "heic")
                if issubclass(kind, MissingDependencyError)
                else kind("batch.output_exists", path=Path("a.jpg"))
            )
            again = pickle.loads(pickle.dumps(error))
            assert (type(again), again.code, str(again)) == (kind, error.code, str(error))


def test_an_unknown_backend_and_no_cluster(folder, tmp_path, network, monkeypatch) -> None:
    with pytest.raises(OptionError) as caught:
        colorize_files([folder], tmp_path / "out", colorizer=network, backend="spark")
    assert caught.value.code == "batch.backend_unknown"
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(OutputError):
        colorize_files([folder], tmp_path / "out", colorizer=network, backend="ray")
