import json
import os
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image

pytestmark = pytest.mark.usefixtures("weights")
PHOTOS = 16


@pytest.fixture
def folder(photo, tmp_path):
    for number in range(PHOTOS):
        photo(f"in/{number % 3}/{number:02}.jpg", number, size=(900, 700))
    return tmp_path / "in"


def lines(tmp_path):
    try:
        text = (tmp_path / "out" / ".photochrom-journal.jsonl").read_text()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.split("\n") if line.endswith("}")]


def wait_for(tmp_path, process, done):
    deadline = time.monotonic() + 120
    while sum(line["event"] == "done" for line in lines(tmp_path)) < done:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def outputs(tmp_path):
    return {
        path.relative_to(tmp_path / "out").as_posix(): path.stat().st_mtime_ns
        for path in (tmp_path / "out").rglob("*.jpg")
    }


def leftovers(tmp_path):
    return [path for path in tmp_path.rglob("*") if path.name.endswith("photochrom-part")]


def test_killed_again_and_again_a_run_redoes_nothing(photochrom, start, folder, tmp_path):
    for killed in range(1, 4):
        before = outputs(tmp_path)
        process = start("colorize", "in", "-o", "out", "--resume", "--jobs", "2")
        wait_for(tmp_path, process, done=len(before) + 3)
        time.sleep(0.05 * killed)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert before.items() <= outputs(tmp_path).items()
    before = outputs(tmp_path)
    done = photochrom("colorize", "in", "-o", "out", "--resume")
    assert (done.returncode, done.stderr) == (0, "")
    after = outputs(tmp_path)
    assert before.items() <= after.items()
    assert set(after) == {path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg")}
    assert f"{PHOTOS - len(before)} coloured, {len(before)} finished before" in done.stdout
    finished = [line["target"] for line in lines(tmp_path) if line["event"] == "done"]
    assert len(finished) == len(set(finished))
    assert leftovers(tmp_path) == []
    report = json.loads((tmp_path / "out" / "photochrom-report.json").read_text())
    assert all(file["confidence"] > 0 and file["width"] == 900 for file in report["files"])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_polite_stop(photochrom, start, folder, tmp_path, number, code):
    process = start("colorize", "in", "-o", "out", "--jobs", "2")
    wait_for(tmp_path, process, done=2)
    process.send_signal(number)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert errors == "photochrom: The run was interrupted. Run the same command with --resume to go on.\n"
    assert "not begun" in out
    report = json.loads((tmp_path / "out" / "photochrom-report.json").read_text())
    assert report["totals"]["done"] == len(outputs(tmp_path)) < PHOTOS
    assert report["totals"]["done"] + report["totals"]["remaining"] == PHOTOS
    assert leftovers(tmp_path) == []
    before = outputs(tmp_path)
    assert photochrom("colorize", "in", "-o", "out", "--resume").returncode == 0
    assert before.items() <= outputs(tmp_path).items()
    assert len(outputs(tmp_path)) == PHOTOS


def test_a_second_interrupt_does_not_wait(start, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.png"):
        Image.new("L", (9000, 9000), 128).save(tmp_path / "in" / name)
    process = start("colorize", "in", "-o", "out")
    deadline = time.monotonic() + 60
    while not (tmp_path / "out" / ".photochrom-journal.jsonl").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.count("\n") == 1
    assert outputs(tmp_path) == {}
    assert leftovers(tmp_path) == []


def test_an_ignored_signal_stays_ignored(folder, tmp_path):
    code = "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); from photochrom.cli.main import main; "
    command = [sys.executable, "-c", code + "sys.exit(main(sys.argv[1:]))", "colorize", "in/0", "-o", "out", "-q"]
    process = subprocess.Popen(command, cwd=tmp_path)
    wait_for(tmp_path, process, done=1)
    process.send_signal(signal.SIGINT)
    assert process.wait(120) == 0
    assert len(outputs(tmp_path)) == len(list((folder / "0").iterdir()))


def test_two_runs_do_not_mix(photochrom, start, folder, tmp_path):
    process = start("colorize", "in", "-o", "out", "--jobs", "1")
    wait_for(tmp_path, process, done=1)
    done = photochrom("colorize", "in", "-o", "out", "--resume")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "Another run is writing" in done.stderr
    assert process.communicate(timeout=120)[1] == ""
    assert process.returncode == 0
