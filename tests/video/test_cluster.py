"""A real Ray cluster shares a film: several machines' worth of processes, one of which may die."""

import threading

import pytest

from photochrom.errors import OptionError, OutputError, UnreadableFilmError
from photochrom.video.api import colorize_video
from photochrom.video.execution import ray_backend as room

ray = pytest.importorskip("ray", reason="sharing a film among machines needs the ray extra")

OPTIONS = {"input_size": 32, "codec": "ffv1"}
pytestmark = [
    # Ray's own: sockets and processes it leaves to the interpreter's end
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]


def packets(path):
    import av

    with av.open(str(path)) as film:
        return [
            (packet.pts, packet.duration, bytes(packet)) for packet in film.demux(video=0) if packet.dts is not None
        ]


def test_a_cluster_makes_the_same_film(address, make_film, tmp_path):
    film = make_film("in.mkv", count=60, size=(48, 64), cut=20)
    one, many = tmp_path / "one.mkv", tmp_path / "many.mkv"
    colorize_video(film, one, **OPTIONS)
    told = []
    report = colorize_video(film, many, **OPTIONS, backend="ray", on_progress=told.append)
    assert (report.frames, report.stopped) == (60, False)
    assert packets(many) == packets(one)
    assert max(progress.done for progress in told if progress.phase == "color") == 60
    assert not ray.is_initialized()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mkv", "many.mkv", "one.mkv"]


def test_a_run_stopped_there_is_gone_on_with_here(address, make_film, tmp_path):
    film = make_film("in.mkv", count=60, size=(48, 64), cut=20)
    whole, out = tmp_path / "whole.mkv", tmp_path / "out.mkv"
    colorize_video(film, whole, **OPTIONS)
    enough = threading.Event()

    def watch(progress):
        if progress.phase == "color" and progress.done >= 20:
            enough.set()

    report = colorize_video(film, out, **OPTIONS, backend="ray", jobs=1, stop_event=enough, on_progress=watch)
    assert report.stopped
    report = colorize_video(film, out, **OPTIONS, resume=True)
    assert report.resumed in (20, 40)
    assert packets(out) == packets(whole)


def test_a_machine_that_dies_takes_nothing_with_it(cluster, address, make_film, tmp_path):
    film = make_film("in.mkv", count=60, size=(48, 64), cut=20)
    whole, out = tmp_path / "whole.mkv", tmp_path / "out.mkv"
    colorize_video(film, whole, **OPTIONS)
    node = cluster.add_node(num_cpus=4, object_store_memory=10**8)
    cluster.wait_for_nodes()
    killed = threading.Event()

    def kill(progress):
        if progress.phase == "color" and not killed.is_set():
            killed.set()
            cluster.remove_node(node, allow_graceful=False)

    report = colorize_video(film, out, **OPTIONS, backend="ray", on_progress=kill)
    assert killed.is_set()
    assert (report.frames, report.stopped) == (60, False)
    assert packets(out) == packets(whole)


def test_a_film_that_the_machines_do_not_see(address, make_film, tmp_path, monkeypatch):
    film = make_film("in.mkv", count=12, size=(48, 64))
    real = room._collect_segments

    def gather(*arguments):
        # as on a machine without the folder: the scan has seen it, the task does not
        film.rename(tmp_path / "elsewhere.mkv")
        return real(*arguments)

    monkeypatch.setattr(room, "_collect_segments", gather)
    with pytest.raises(UnreadableFilmError) as caught:
        colorize_video(film, tmp_path / "out.mkv", **OPTIONS, backend="ray")
    assert caught.value.code == "video.missing_on_machine"


def test_a_cluster_that_is_not_there(make_film, tmp_path, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(OutputError):
        colorize_video(make_film(), tmp_path / "out.mkv", **OPTIONS, backend="ray")
    with pytest.raises(OptionError) as caught:
        colorize_video(make_film(), tmp_path / "out.mkv", **OPTIONS, backend="spark")
    assert caught.value.code == "video.backend_unknown"
