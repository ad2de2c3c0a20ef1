import json
import os
import pty
import subprocess

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.usefixtures("weights")


def mode_of(path):
    with Image.open(path) as image:
        return image.mode, image.size


def test_a_photo_is_coloured_beside_itself(photochrom, photo, tmp_path):
    photo("photo.jpg")
    done = photochrom("colorize", "photo.jpg")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("photo.jpg -> photo.color.jpg  ")
    assert " s  confidence 0." in done.stdout
    assert done.stdout.count("\n") == 1
    assert mode_of(tmp_path / "photo.color.jpg") == ("RGB", (512, 512))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photo.color.jpg", "photo.jpg"]


def test_it_has_colour(command, photo, tmp_path):
    photo("photo.png", number=1)
    command("colorize", "photo.png", "-o", "c.png")
    command("colorize", "photo.png", "-o", "none.png", "--strength", "0")
    with Image.open(tmp_path / "c.png") as colored, Image.open(tmp_path / "none.png") as plain:
        spread = np.ptp(np.asarray(colored).astype(int), axis=-1)
        assert spread.mean() > 5
        assert np.ptp(np.asarray(plain).astype(int), axis=-1).max() <= 1


def test_names_with_anything_in_them(photochrom, photo, tmp_path):
    names = [
        "a photo.jpg",
        "Zürich – 写真 📷.png",
        "[red]bold[/red].jpg",
        "line\nbreak.png",
        "-dash.jpg",
        "a'\"$&;.jpg",
    ]
    for number, name in enumerate(names):
        photo(f"in/{name}", number)
    photo("in/bytes.jpg").rename(tmp_path / "in" / os.fsdecode(b"\xff\xfe.jpg"))
    done = photochrom("colorize", "in", "-o", "out dir", env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 8
    made = {path.name for path in (tmp_path / "out dir").iterdir() if not path.name.startswith((".", "photochrom"))}
    assert made == {path.name for path in (tmp_path / "in").iterdir()}
    done = photochrom("colorize", "in", "-o", "out dir", "--resume")
    assert "7 finished before" in done.stdout
    done = photochrom("colorize", "-o", "d.jpg", "--", "-dash.jpg", cwd=tmp_path / "in")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_very_long_name(photochrom, photo, tmp_path):
    longest = "x" * 251 + ".jpg"
    photo("in/a.jpg")
    photo(f"in/{longest}")
    done = photochrom("colorize", "in")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "Traceback" not in done.stderr
    assert (tmp_path / "in" / "a.color.jpg").exists()
    done = photochrom("colorize", f"in/{longest}", "-o", "short.jpg")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_folder_with_bad_files_among_good(photochrom, photo, tmp_path):
    for number in range(3):
        photo(f"in/deep/{number}.jpg", number)
    (tmp_path / "in" / "bad.jpg").write_bytes(b"nothing")
    (tmp_path / "in" / "film.mp4").write_bytes(b"nothing")
    done = photochrom("colorize", "in", "-o", "out")
    assert done.returncode == 1
    errors = done.stderr.splitlines()
    assert len(errors) == 2
    assert all(line.startswith("photochrom: ") for line in errors)
    assert any("bad.jpg" in line for line in errors)
    assert any("'in/film.mp4'" in line and "photochrom video" in line for line in errors)
    assert "3 coloured, 2 failed" in done.stdout
    report = json.loads((tmp_path / "out" / "photochrom-report.json").read_text())
    assert {file["source"]: file["status"] for file in report["files"]} == {
        "in/bad.jpg": "failed",
        "in/film.mp4": "failed",
        **{f"in/deep/{number}.jpg": "done" for number in range(3)},
    }


def test_a_quoted_pattern_and_a_named_report(command, photo, tmp_path):
    photo("a1.jpg"), photo("a2.jpg", 1), photo("b.jpg", 2)
    done = command("colorize", "a*.jpg", "-o", "out/", "--report", "log/run.json", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads((tmp_path / "log" / "run.json").read_text())["totals"]["done"] == 2
    assert not (tmp_path / "out" / "photochrom-report.json").exists()


def test_nothing_is_overwritten_unless_asked(command, photo, tmp_path):
    photo("a.jpg")
    (tmp_path / "a.color.jpg").write_bytes(b"mine")
    for flag in ([], ["--resume"]):
        done = command("colorize", "a.jpg", *flag)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert (tmp_path / "a.color.jpg").read_bytes() == b"mine"
    assert command("colorize", "a.jpg", "--overwrite").returncode == 0
    assert mode_of(tmp_path / "a.color.jpg")[0] == "RGB"


def test_hints_colour_the_place(command, photo, tmp_path):
    photo("a.png")
    (tmp_path / "hints.json").write_text(json.dumps([{"x": 250, "y": 400, "color": "#2040ff", "radius": 60}]))
    assert command("colorize", "a.png", "--hints", "hints.json").returncode == 0
    with Image.open(tmp_path / "a.color.png") as image:
        red, _, blue = image.getpixel((250, 400))
    assert blue > red + 20
    photo("b.png")
    done = command("colorize", "a.png", "b.png", "--hints", "hints.json")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("output", ["file/out/", "/proc/photochrom-test/"])
def test_an_output_that_cannot_be_made(command, photo, tmp_path, output):
    photo("in/a.jpg")
    (tmp_path / "file").write_text("")
    for source in ("in", "in/a.jpg"):
        done = command("colorize", source, "-o", output)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert "Traceback" not in done.stderr


def test_a_report_that_cannot_be_written(command, photo, tmp_path):
    photo("in/a.jpg")
    done = command("colorize", "in", "-o", "out", "--report", "/proc/photochrom-test/report.json")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "/proc/photochrom-test/report.json" in done.stderr
    assert "--report" in done.stderr
    assert "1 coloured" in done.stdout
    assert (tmp_path / "out" / "a.jpg").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_may_only_be_read(command, photo, tmp_path):
    photo("in/a.jpg")
    (tmp_path / "in").chmod(0o555)
    for source in ("in", "in/a.jpg"):
        done = command("colorize", source)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    (tmp_path / "in").chmod(0o755)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--model", "photochrom_fats"], "photochrom_fast"),
        (["--model", "a.jpg"], "card"),
        (["--model", ""], "''"),
        (["--device", "abacus"], "cpu"),
        (["--jobs", "0"], "1 or more"),
    ],
)
def test_a_network_that_cannot_be_used(command, photo, arguments, says):
    photo("a.jpg")
    done = command("colorize", "a.jpg", *arguments)
    assert done.returncode in (1, 2)
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)
    assert says in done.stderr


def test_a_terminal_sees_a_bar_and_the_lines(start, photo, tmp_path):
    for number in range(4):
        photo(f"in/[b]{number}.jpg", number)
    ours, theirs = pty.openpty()
    process = start("colorize", "in", "-o", "out", stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL)
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.close(ours)
    assert process.wait(60) == 0
    text = seen.decode()
    assert "4/4" in text
    assert "photos/s" in text
    assert "in/[b]3.jpg -> out/[b]3.jpg" in text
    assert text.endswith("\x1b[?25h") or text.rstrip().endswith("photochrom-report.json")


def test_a_reader_that_goes_away_is_no_error(start, photo):
    for number in range(4):
        photo(f"in/{number}.jpg", number)
    process = start("colorize", "in", "-o", "out")
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(timeout=120)
    assert errors == ""
    assert process.returncode == 1
