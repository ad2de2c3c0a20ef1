import io
import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.usefixtures("weights")


def picture_of(data):
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return image.format, image.mode, image.size


@pytest.mark.parametrize(("suffix", "format"), [("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("tif", "TIFF")])
def test_through_a_pipe_in_the_sources_format(photochrom, photo, suffix, format):  # noqa: A002
    data = photo(f"a.{suffix}").read_bytes()
    done = photochrom("colorize", "-", input=data, text=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert picture_of(done.stdout) == (format, "RGB", (512, 512))


def test_a_file_into_a_pipe_and_a_pipe_into_a_file(photochrom, photo, tmp_path):
    data = photo("a.jpg").read_bytes()
    done = photochrom("colorize", "a.jpg", "-o", "-", text=False)
    assert picture_of(done.stdout)[:2] == ("JPEG", "RGB")
    for code in (0, 1):
        again = photochrom("colorize", "-", "-o", "b.png", input=data, text=False)
        assert again.returncode == code
    assert b"--overwrite" in again.stderr
    assert picture_of((tmp_path / "b.png").read_bytes())[:2] == ("PNG", "RGB")
    assert photochrom("colorize", "-", "-o", "b.png", "--overwrite", input=data, text=False).returncode == 0


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\xff\xd8\xff\xe0" + bytes(100)])
def test_rubbish_in_a_pipe(photochrom, data):
    done = photochrom("colorize", "-", input=data, text=False)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (1, b"", 1)
    assert done.stderr.startswith(b"photochrom: ")


@pytest.mark.parametrize(
    "arguments", [["a.jpg", "b.jpg", "-o", "-"], ["in", "-o", "-"], ["-", "-o", "in/"], ["-", "--resume"], ["-", "-"]]
)
def test_pipes_that_make_no_sense(photochrom, photo, arguments):
    photo("a.jpg"), photo("b.jpg"), photo("in/c.jpg"), photo("in/d.jpg")
    done = photochrom("colorize", *arguments, input="")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_no_picture_is_poured_into_a_terminal(start, photo):
    photo("a.jpg")
    ours, theirs = pty.openpty()
    for arguments, stdin in ((["a.jpg", "-o", "-"], subprocess.DEVNULL), (["-"], subprocess.DEVNULL)):
        process = start("colorize", *arguments, stdout=theirs, stdin=stdin)
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors.count("\n")) == (2, 1)
        assert "Standard output is a terminal" in errors
    process = start("colorize", "-", stdin=theirs)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out, errors.count("\n")) == (1, "", 1)
    assert "Standard input is a terminal" in errors
    os.close(theirs)
    os.close(ours)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("arguments", [["colorize", "a.jpg", "-o", "-"], ["models"], ["--help"]])
def test_a_full_disk_behind_a_pipe(photochrom, photo, arguments):
    photo("a.jpg")
    with Path("/dev/full").open("wb") as full:
        done = photochrom(*arguments, stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert (done.returncode, done.stderr) == (1, "photochrom: The disk is full. Free some space and run it again.\n")


def test_a_reader_that_wants_little(start, photo):
    photo("a.png", size=(1500, 1500))
    process = start("colorize", "a.png", "-o", "-", text=False)
    process.stdout.read(10)
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(timeout=120)
    assert errors == b""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot limit the size of a file")
def test_a_disk_that_takes_only_a_part(photochrom, photo, tmp_path):
    import resource

    def limit():
        # a write beyond it takes what fits; the next one fails
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    photo("a.png")
    for unbuffered in ("", "1"):
        with (tmp_path / "out.png").open("wb") as out:
            done = photochrom(
                "colorize",
                "a.png",
                "-o",
                "-",
                stdout=out,
                stderr=subprocess.PIPE,
                capture_output=False,
                preexec_fn=limit,
                env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            )
        assert done.returncode != 0, "half a picture, and all seems well"
        assert done.stderr.startswith("photochrom: ")
        assert done.stderr.count("\n") == 1


def test_a_closed_output_is_named(photochrom, photo):
    photo("a.png")
    done = photochrom("colorize", "a.png", "-o", "-", preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "Standard output is closed" in done.stderr
