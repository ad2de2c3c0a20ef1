import json
import os

import pytest

pytestmark = pytest.mark.usefixtures("weights")


def test_an_archivists_folder(command, photo, tmp_path):
    photo("in/a.jpg", size=(64, 64)), photo("in/b.png", size=(64, 64))
    for name in ("x.psd", "y.psd", "n.nef"):
        (tmp_path / "in" / name).write_bytes(b"x")
    done = command("colorize", "in", "-o", "out/", "--format", "tif", "--dry-run")
    assert done.returncode == 0
    assert done.stdout.splitlines()[:3] == [
        "in/a.jpg -> out/a.tif",
        "in/b.png -> out/b.tif",
        "2 to be coloured; nothing was written",
    ]
    assert "3 other files left out (2 PSD, 1 NEF)" in done.stdout
    assert "Develop" in done.stdout
    assert not (tmp_path / "out").exists()
    os.utime(tmp_path / "in" / "a.jpg", (10**9, 10**9))
    done = command("colorize", "in", "-o", "out/", "--format", "tif", "--keep-times")
    assert done.returncode == 0
    assert "3 other files left out (2 PSD, 1 NEF)" in done.stdout
    assert (tmp_path / "out" / "a.tif").stat().st_mtime == 10**9
    again = command("colorize", "in", "-o", "out/", "--format", "tif", "--dry-run", "--resume")
    assert "0 to be coloured, 2 finished before" in again.stdout
    assert command("colorize", "in", "-o", "out/", "--format", "tif", "--dry-run").returncode == 1


def test_pipes_and_devices_by_name_are_refused_at_once(photochrom, photo, tmp_path):
    photo("a.jpg", size=(64, 64))
    os.mkfifo(tmp_path / "pipe.jpg")
    for arguments in (["pipe.jpg"], ["/dev/zero"], ["pipe.jpg", "-o", "-"], ["a.jpg", "-o", "pipe.jpg", "--overwrite"]):
        done = photochrom("colorize", *arguments, timeout=60)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "a device or a pipe" in done.stderr
    assert (tmp_path / "pipe.jpg").is_fifo()


def test_a_film_is_named_as_one_by_every_door(photochrom, command, photo, tmp_path):
    photo("a.jpg", size=(64, 64))
    film = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(600)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "film.mp4").write_bytes(film)
    (tmp_path / "in" / "film.ogv").write_bytes(b"OggS" + bytes(600))
    done = photochrom("colorize", "-", "-o", "b.jpg", input=film, text=False)
    assert (done.returncode, b"film" in done.stderr, b"pipe" in done.stderr) == (1, True, True)
    for arguments in (["in/film.mp4", "-o", "-"], ["in/film.mp4", "--variations", "2", "-o", "b.jpg"]):
        done = command("colorize", *arguments)
        assert done.returncode in (1, 2)
        assert "film" in done.stderr
        assert "several files" not in done.stderr
    done = command("colorize", "in", "a.jpg", "-o", "out/")
    assert done.returncode == 1
    assert done.stderr.count("photochrom video") == 2


def test_a_pipe_in_another_format(photochrom, photo):
    data = photo("a.jpg", size=(64, 64)).read_bytes()
    done = photochrom("colorize", "-", "--format", "png", input=data, text=False)
    assert (done.returncode, done.stdout[:4]) == (0, b"\x89PNG")


def test_a_folder_with_a_cut_photo_is_salvaged_on_request(command, photo, tmp_path):
    photo("in/a.jpg", size=(256, 256)), photo("in/b.jpg", size=(256, 256))
    path = tmp_path / "in" / "b.jpg"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    done = command("colorize", "in", "-o", "out/")
    assert done.returncode == 1
    assert "--salvage" in done.stderr
    done = command("colorize", "in", "-o", "out/", "--salvage", "--resume")
    assert done.returncode == 0
    files = {
        file["source"]: file for file in json.loads((tmp_path / "out" / "photochrom-report.json").read_text())["files"]
    }
    assert (files["in/a.jpg"]["notes"], len(files["in/b.jpg"]["notes"])) == ([], 1)
    assert "note: " in done.stdout
