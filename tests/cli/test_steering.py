"""Reference, palette, confidence, contrast and projects, by the real command."""

import json

import numpy as np
import pytest
import skimage.data
from PIL import Image

pytestmark = pytest.mark.usefixtures("weights")


@pytest.fixture
def reference(tmp_path):
    path = tmp_path / "colour" / "other.png"
    path.parent.mkdir()
    Image.fromarray(skimage.data.astronaut()).resize((160, 120)).save(path)
    return path


def test_everything_at_once_and_again(command, photo, tmp_path, reference):
    photo("a.png", size=(160, 120))
    steering = ["--reference", "colour/other.png", "--palette", "#8a5a3c, #7fa7d0", "--vividness", "1.4"]
    done = command("colorize", "a.png", *steering, "--confidence", "--save-project", "--report", "r.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((tmp_path / "r.json").read_text())["files"][0]["matches"] > 0
    with Image.open(tmp_path / "a.confidence.png") as image:
        assert image.mode == "RGB"
    made = tmp_path / "a.color.png"
    done = command("colorize", "a.photochrom.json", "-o", "again.png")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "again.png").read_bytes() == made.read_bytes()
    # without -o it goes where the colouring of that photo goes, which is there already
    done = command("colorize", "a.photochrom.json")
    assert (done.returncode, "--overwrite" in done.stderr) == (1, True)
    first = made.read_bytes()
    made.unlink()
    done = command("colorize", "a.photochrom.json", "--confidence", "--overwrite", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert made.read_bytes() == first
    assert command("colorize", "a.png", "-o", "plain.png").returncode == 0
    assert (tmp_path / "plain.png").read_bytes() != first


def test_a_project_of_a_variation(command, photo, tmp_path):
    photo("a.png", size=(96, 64))
    settings = ["--input-size", "96", "--seed", "4"]
    done = command("colorize", "a.png", "--variations", "2", *settings, "--save-project", "-o", "out/a.png")
    assert (done.returncode, done.stderr) == (0, "")
    project = tmp_path / "out" / "a.2.photochrom.json"
    assert json.loads(project.read_text())["options"]["variation"] == {"seed": 4, "index": 1}
    assert command("colorize", project, "-o", "two.png").returncode == 0
    assert (tmp_path / "two.png").read_bytes() == (tmp_path / "out" / "a.2.png").read_bytes()


def test_contrast_is_restored_when_asked(command, photo, tmp_path):
    path = photo("a.png", size=(96, 64))
    Image.fromarray((100 + np.asarray(Image.open(path)) * 0.3).astype(np.uint8)).save(path)
    for arguments in (["-o", "plain.png"], ["-o", "restored.png", "--auto-contrast"]):
        assert command("colorize", "a.png", *arguments).returncode == 0
    plain, restored = (
        np.ptp(np.asarray(Image.open(tmp_path / f"{n}.png").convert("L"))) for n in ("plain", "restored")
    )
    assert restored > 1.5 * plain


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["a.png", "--palette", "red"], "#rrggbb"),
        (["a.png", "--palette", ""], "#rrggbb"),
        (["a.png", "--palette", ",".join(["#abc"] * 17)], "16"),
        (["a.png", "--reference", "absent.jpg"], "absent.jpg"),
        (["a.png", "--reference", "a.png"], "colour"),
        (["-", "-o", "b.png", "--save-project"], "--save-project does not go with a pipe"),
        (["-", "--confidence"], "--confidence does not go with a pipe"),
        (["absent.photochrom.json"], "absent.photochrom.json"),
        (["bad.photochrom.json"], "JSON"),
        (["bad.photochrom.json", "a.png"], "Give the project alone"),
        (["bad.photochrom.json", "--vividness", "1"], "Leave out --vividness"),
        (["bad.photochrom.json", "--save-project"], "Leave out --save-project"),
    ],
)
def test_what_goes_wrong_is_one_line(command, photo, tmp_path, arguments, says):
    photo("a.png", size=(96, 64))
    (tmp_path / "bad.photochrom.json").write_text("{")
    done = command("colorize", *arguments)
    assert done.returncode != 0
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "bad.photochrom.json"]
