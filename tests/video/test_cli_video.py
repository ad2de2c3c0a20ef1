"""``photochrom video`` as a person calls it, and ``photochrom colorize`` handing a film over."""

import json
import subprocess
import sys

import pytest

from photochrom.cli.main import main
from photochrom.errors import OptionError
from photochrom.video.media.probe import probe
from photochrom.video.timecode import parse_time

av = pytest.importorskip("av", reason="films need the video extra")


@pytest.fixture
def desk(make_film, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_film("film.mp4", count=40, cut=15, sound=1.6)
    return tmp_path


def test_one_line_for_a_film(desk, capfd):
    assert main(["video", "film.mp4", "-o", "out.mkv", "--input-size", "32", "--report", "report.json"]) == 0
    out, errors = capfd.readouterr()
    assert out.startswith("film.mp4 -> out.mkv  40 frames  2 shots")
    assert errors == ""
    report = json.loads((desk / "report.json").read_text())
    assert (report["frames"], report["codec"], report["stopped"], report["problem"]) == (40, "h264", False, None)
    assert sorted(path.name for path in desk.iterdir()) == ["film.mp4", "out.mkv", "report.json"]


def test_without_a_name_it_goes_beside_the_film(desk, capfd):
    assert main(["video", "film.mp4", "--input-size", "32", "--quiet"]) == 0
    assert capfd.readouterr() == ("", "")
    assert probe(desk / "film.color.mp4").declared_frames == 40


def test_into_a_folder(desk):
    (desk / "out").mkdir()
    assert main(["video", "film.mp4", "-o", "out/", "--input-size", "32", "-q"]) == 0
    assert (desk / "out" / "film.mp4").exists()


def test_colorize_hands_a_film_over(desk, capfd):
    (desk / "film.mp4").rename(desk / "photo.jpg")
    assert main(["colorize", "photo.jpg", "-o", "out.mp4", "--input-size", "32", "--strength", "1.2"]) == 0
    assert "photo.jpg -> out.mp4  40 frames" in capfd.readouterr().out


def test_a_folder_run_says_how_films_are_coloured(desk, capfd):
    assert main(["colorize", ".", "-o", "colored"]) == 1
    assert "film.mp4" in capfd.readouterr().err


def test_shots_are_listed(desk, capfd):
    assert main(["video", "film.mp4", "--list-shots", "--report", "shots.json"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines == [
        "   1  0:00:00.000  0:00:00.600      15 frames from 0",
        "   2  0:00:00.600  0:00:01.600      25 frames from 15",
    ]
    assert [shot["frames"] for shot in json.loads((desk / "shots.json").read_text())] == [15, 25]


def test_a_part(desk):
    assert (
        main(["video", "film.mp4", "-o", "out.mp4", "--input-size", "32", "--start", "0.4", "--end", "0:00:01", "-q"])
        == 0
    )
    assert probe(desk / "out.mp4").declared_frames == 15


def test_what_was_changed_is_said(desk, capfd):
    assert main(["video", "film.mp4", "-o", "out.webm", "--input-size", "32", "--end", "0.2"]) == 0
    assert "audio track 1 was transcoded from aac to libopus" in capfd.readouterr().err


def test_hints_from_a_file(desk, capfd):
    (desk / "hints.json").write_text('[{"time": 0.2, "x": 40, "y": 30, "color": "#00f", "radius": 9}]')
    assert main(["video", "film.mp4", "-o", "out.mp4", "--input-size", "32", "--hints", "hints.json", "-q"]) == 0
    for text in (
        '[{"x": 1, "y": 2, "color": "#00f"}]',
        '[{"time": -1, "x": 1, "y": 2, "color": "#00f"}]',
        '[{"frame": 1.5, "x": 1, "y": 2, "color": "#00f"}]',
        '[{"time": 1, "x": 1, "color": "#00f"}]',
        '{"time": 1}',
    ):
        (desk / "hints.json").write_text(text)
        assert main(["video", "film.mp4", "-o", "b.mp4", "--hints", "hints.json"]) == 2
        errors = capfd.readouterr().err
        assert "hints.json" in errors
        assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["nothing.mp4", "-o", "out.mp4"], 1, "nothing.mp4"),
        (["film.mp4", "-o", "out.txt"], 2, "out.txt"),
        (["film.mp4", "-o", "out.mp4", "--start", "soon"], 2, "soon"),
        (["film.mp4", "-o", "out.mp4", "--start", "100"], 1, "100 s"),
        (["film.mp4", "-o", "out.mp4", "--vividness", "5"], 2, "vividness"),
        (["film.mp4", "-o", "out.mp4", "--codec", "vp9", "--preset", "fast"], 2, "preset"),
        (["text.mp4", "-o", "out.mp4"], 1, "text.mp4"),
        (["film.mp4", "-o", "nowhere/out.mp4"], 1, "nowhere"),
        (["film.mp4", "-o", "out.mp4", "--model", "nobody"], 1, "nobody"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(desk, capfd, arguments, code, named):
    (desk / "text.mp4").write_text("Dear grandmother")
    assert main(["video", *arguments]) == code
    out, errors = capfd.readouterr()
    assert (out, errors.count("\n")) == ("", 1)
    assert named in errors
    assert sorted(path.name for path in desk.iterdir()) == ["film.mp4", "text.mp4"]


def test_times():
    assert [parse_time(text) for text in ("90", "1:30", "0:01:30.5")] == [90.0, 90.0, 90.5]
    for text in ("", "-1", "1:2:3:4", "1h", "inf", "1:"):
        with pytest.raises(OptionError) as caught:
            parse_time(text)
        assert caught.value.code == "video.time_unreadable"


def test_without_pyav_it_is_said_how_to_get_it(desk):
    code = "import sys; sys.modules['av'] = None; from photochrom.cli.main import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "video", "film.mp4", "-o", "out.mp4"], capture_output=True, text=True, cwd=desk
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "photochrom[video]" in done.stderr
