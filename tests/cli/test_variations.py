import json

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.usefixtures("weights")


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_variations_are_numbered_and_made_again_by_their_seed(command, photo, tmp_path):
    photo("a.jpg", size=(128, 96))
    done = command("colorize", "a.jpg", "--variations", "2", "--seed", "3", "--report", "r.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split("  ")[0] for line in done.stdout.splitlines()] == [
        "a.jpg -> a.color.1.jpg",
        "a.jpg -> a.color.2.jpg",
    ]
    report = json.loads((tmp_path / "r.json").read_text())
    assert (report["options"]["variations"], report["options"]["seed"]) == (2, 3)
    assert [file["target"] for file in report["files"]] == ["a.color.1.jpg", "a.color.2.jpg"]
    first, second = (pixels(tmp_path / f"a.color.{number}.jpg") for number in (1, 2))
    assert first.shape == (96, 128, 3)
    assert not np.array_equal(first, second)
    command("colorize", "a.jpg", "--variations", "1", "--seed", "3", "-o", "out/")
    assert (tmp_path / "out" / "a.1.jpg").read_bytes() == (tmp_path / "a.color.1.jpg").read_bytes()
    # a later run over the folder takes them for what they are
    done = command("colorize", ".", "-o", "all")
    assert [path.name for path in (tmp_path / "all").glob("*.jpg")] == ["a.jpg"]


def test_nothing_is_overwritten_unless_asked(command, photo, tmp_path):
    photo("a.png", size=(64, 48))
    (tmp_path / "b.2.png").write_bytes(b"mine")
    done = command("colorize", "a.png", "-o", "b.png", "--variations", "2", "--quiet")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.2.png"]
    assert (tmp_path / "b.2.png").read_bytes() == b"mine"
    done = command("colorize", "a.png", "-o", "b.png", "--variations", "2", "--quiet", "--overwrite")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with Image.open(tmp_path / "b.2.png") as image:
        assert image.mode == "RGB"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["a.png", "--variations", "0"], "from 1 to 12"),
        (["a.png", "--variations", "99999999999"], "from 1 to 12"),
        (["a.png", "--seed", "1"], "--seed belongs to --variations"),
        ([".", "--variations", "2"], "one photo at a time"),
        (["a.png", "b.png", "--variations", "2"], "one photo at a time"),
        (["-", "--variations", "2"], "a pipe carries one"),
        (["a.png", "--variations", "2", "--resume"], "--resume does not go with --variations"),
        (["a.png", "--variations", "2", "--hints", "absent.json"], "absent.json"),
    ],
)
def test_what_cannot_be_is_one_line_and_leaves_nothing(command, photo, tmp_path, arguments, says):
    photo("a.png", size=(64, 48)), photo("b.png", size=(64, 48))
    done = command("colorize", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert says in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]
