"""The command as a user has it: real photos, and real processes where it matters."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import skimage.data
from PIL import Image

for needed in ("jinja2", "pyarrow", "scipy"):
    pytest.importorskip(needed, reason="evaluating needs the evaluate extra")

pytestmark = pytest.mark.usefixtures("weights")
#: without processes of its own, whose start takes longer than these few photos
ALONE = ("--jobs", 1)


@pytest.fixture
def truths(tmp_path: Path) -> Path:
    folder = tmp_path / "truths"
    for number, source in enumerate((skimage.data.astronaut, skimage.data.coffee, skimage.data.chelsea)):
        path = folder / f"set{number % 2}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(source()).save(path, quality=95)
    return folder


def test_a_network(photochrom, truths, tmp_path):
    done = photochrom("evaluate", "--data", truths, "--output", "report", "--jobs", 2, "--hints", "0,10")
    assert (done.returncode, done.stderr) == (0, "")
    head, *rows, about, home = done.stdout.splitlines()
    assert head.split()[:3] == ["photos", "PSNR", "dB"]
    assert [row.split("  ")[0] for row in rows] == [
        "gray",
        "photochrom_fast, vividness 0",
        "photochrom_fast, vividness 1",
    ]
    assert about.startswith("protocol lab256 version 1, split all; 3 photos; colourfulness of the truth")
    assert home == f"report: {Path('report', 'report.html')}"
    results = json.loads((tmp_path / "report" / "results.json").read_text())
    assert results["format"] == 2
    assert [point["hints"] for point in results["entries"][1]["hints"]] == [0, 10]
    assert (tmp_path / "report" / "report.html").exists()
    assert len((tmp_path / "report" / "photos.csv").read_text().splitlines()) == 1 + 3 * 3


def test_another_program(command, truths, tmp_path):
    made = command("evaluate", "--data", truths, "--export-inputs", "grays")
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    grays = sorted(path.relative_to(tmp_path / "grays").as_posix() for path in (tmp_path / "grays").rglob("*.png"))
    assert grays == ["set0/0.png", "set0/2.png", "set1/1.png"]
    with Image.open(tmp_path / "grays" / "set0" / "0.png") as image:
        assert (image.mode, image.size) == ("L", (256, 256))
    again = command("evaluate", "--data", truths, "--export-inputs", "grays")
    assert again.returncode == 1
    assert "grays" in again.stderr
    # a program that does nothing is gray itself
    done = command("evaluate", "--data", truths, "--predictions", "grays", "--output", "report", *ALONE)
    assert done.returncode == 0, done.stderr
    gray, theirs = (row.split()[1:] for row in done.stdout.splitlines()[1:3])
    assert gray == theirs
    (tmp_path / "grays" / "set1" / "1.png").unlink()
    less = command("evaluate", "--data", truths, "--predictions", "grays", "--output", "report", "--resume", *ALONE)
    assert less.returncode == 1
    assert "photochrom: grays: 1 missing prediction" in less.stderr
    assert "set1/1" in less.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--data", "none", "--output", "r"], 1, "'none'"),
        (["--data", "truths"], 2, "--output is missing"),
        (["--data", "truths", "--output", "r", "--protocol", "x"], 2, "lab256"),
        (["--data", "truths", "--output", "r", "--vividness", "a"], 2, "--vividness is 'a'"),
        (["--data", "truths", "--output", "r", "--vividness", "3"], 2, "vividness"),
        (["--data", "truths", "--output", "r", "--hints", "1.5"], 2, "--hints is '1.5'"),
        (["--data", "truths", "--output", "r", "--jobs", "0"], 2, "jobs"),
        (["--data", "truths", "--output", "r", "--limit", "0"], 2, "limit"),
        (["--data", "truths", "--output", "r", "--seed", "-1"], 2, "seed"),
        (["--data", "truths", "--output", "r", "--split", "test"], 2, "'test'"),
        (["--data", "truths", "--output", "r", "--resume", "--overwrite"], 2, "resume"),
        (["--data", "truths", "--output", "r", "--model", "photochrom_fats"], 1, "photochrom_fats"),
        (["--data", "truths", "--output", "r", "--predictions", "none"], 1, "none"),
        (["--data", "truths", "--output", "r", "--classifier", "none"], 1, "none"),
        (["--data", "truths", "--output", "r", "--faces"], 1, "truths"),
        (["--data", "truths", "--output", "truths/set0/0.jpg", "--model", "gray"], 1, "truths/set0/0.jpg"),
        (["--output", "r"], 2, "--data"),
    ],
)
def test_bad_input(command, truths, tmp_path, arguments, code, says):
    done = command("evaluate", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
    assert says in done.stderr
    assert not (tmp_path / "r" / "results.json").exists()


def test_gray_photos_are_no_fault_and_damaged_ones_are(command, truths, tmp_path):
    Image.new("L", (80, 80), 90).save(truths / "gray.png")
    first = command("evaluate", "--data", truths, "--output", "r", "--model", "gray", *ALONE)
    assert first.returncode == 0
    assert "1 gray truth" in first.stderr
    assert "4 photos, 1 left out" in first.stdout
    (truths / "cut\n.png").write_bytes(b"nothing")
    second = command("evaluate", "--data", truths, "--output", "r", "--model", "gray", "--overwrite", *ALONE)
    assert second.returncode == 1
    assert "1 unreadable" in second.stderr
    assert second.stderr.count("\n") == 3
    assert "cut" in (tmp_path / "r" / "photos.csv").read_text()


def test_halves_of_the_photos(command, truths, tmp_path):
    counts = []
    for split in ("select", "report"):
        done = command("evaluate", "--data", truths, "--output", split, "--model", "gray", "--split", split, *ALONE)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"split {split};" in done.stdout
        counts.append(len(json.loads((tmp_path / split / "results.json").read_text())["data"]["photos"]))
    assert counts == [1, 2]
    inputs = command("evaluate", "--data", truths, "--export-inputs", "inputs", "--split", "select")
    assert inputs.returncode == 0
    assert len(list((tmp_path / "inputs").rglob("*.png"))) == 1


def test_photos_of_a_few_pixels(command, tmp_path):
    (tmp_path / "tiny").mkdir()
    Image.fromarray(skimage.data.coffee()[100:109, 100:110]).save(tmp_path / "tiny" / "a.png")
    done = command("evaluate", "--data", "tiny", "--output", "r", "--model", "gray", "--protocol", "full")
    # too small for a window of SSIM, and one photo has no interval
    assert (done.returncode, done.stderr) == (0, "")
    name, photos, psnr, *others = done.stdout.splitlines()[1].split()
    assert (name, photos, len(others)) == ("gray", "1", 4)
    assert 5 < float(psnr) < 40
    assert "; 1 photo; " in done.stdout


def wait_for_photo(journal: Path) -> None:
    """Until one photo has been scored, or long enough."""
    deadline = time.monotonic() + 120
    while not (journal.exists() and journal.read_bytes().count(b"\n") >= 2) and time.monotonic() < deadline:
        time.sleep(0.02)


def test_killed_and_resumed(photochrom, start, truths, tmp_path):
    whole = photochrom("evaluate", "--data", truths, "--output", "whole", "--jobs", 1, "--vividness", 0)
    assert whole.returncode == 0
    process = start("evaluate", "--data", truths, "--output", "r", "--jobs", 1, "--vividness", 0)
    wait_for_photo(tmp_path / "r" / "journal" / "photochrom_fast-v0.jsonl")
    process.kill()
    process.wait()
    assert not (tmp_path / "r" / "results.json").exists()
    refused = photochrom("evaluate", "--data", truths, "--output", "r", "--jobs", 1)
    assert refused.returncode == 1
    assert "--resume" in refused.stderr
    done = photochrom("evaluate", "--data", truths, "--output", "r", "--jobs", 2, "--vividness", 0, "--resume")
    assert (done.returncode, done.stdout.splitlines()[:-1]) == (0, whole.stdout.splitlines()[:-1])


def test_interrupted(start, truths, tmp_path):
    process = start("evaluate", "--data", truths, "--output", "r", "--jobs", 2, start_new_session=True)
    wait_for_photo(tmp_path / "r" / "journal" / "gray.jsonl")
    # as a terminal does: to every process of the group
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    assert err == "photochrom: The run was interrupted. Run the same command with --resume to go on.\n"


@pytest.mark.parametrize("library", ["scipy", "skimage", "jinja2", "pyarrow"])
def test_without_the_extra(truths, tmp_path, library):
    script = (
        f"import sys; sys.modules['{library}'] = None\n"
        "from photochrom.cli.main import main\n"
        "sys.exit(main(['evaluate', '--data', 'truths', '--output', 'r', '--jobs', '1']))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert "pip install 'photochrom[evaluate]'" in done.stderr
    assert not (tmp_path / "r").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_a_kill_leaves_no_process_behind(start, truths, tmp_path):
    process = start("evaluate", "--data", truths, "--output", "r", "--jobs", 2)
    wait_for_photo(tmp_path / "r" / "journal" / "gray.jsonl")
    # at once, as when memory runs out: the processes it started must notice
    children = [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    process.kill()
    process.wait()
    deadline = time.monotonic() + 120
    while any(alive(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert children
    assert not any(alive(pid) for pid in children)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
