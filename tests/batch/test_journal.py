import json
import os
import subprocess
import sys

import pytest

from photochrom.batch.journal import Fingerprint, Journal, Record, State
from photochrom.errors import OutputError, WriteError

MADE = Fingerprint("a.jpg", 10, 20, "model", "options")
OTHER = Fingerprint("a.jpg", 11, 20, "model", "options")
RECORD = Record(0.5, 0.7, 30, 20)


def state(folder, target, fingerprint=MADE):
    with Journal(folder) as journal:
        return journal.state(target, fingerprint)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "deep" / "ä b.jpg"


def write(target, text="picture"):
    target.parent.mkdir(exist_ok=True)
    target.write_text(text)


def test_finished(tmp_path, target):
    with Journal(tmp_path) as journal:
        assert journal.state(target, MADE) == State(None, ours=True)
        journal.saving(target, MADE, RECORD)
        write(target)
        journal.done(target, MADE, RECORD)
    assert state(tmp_path, target) == State(RECORD, ours=True)
    assert state(tmp_path, target, OTHER) == State(None, ours=True)
    target.unlink()
    assert state(tmp_path, target) == State(None, ours=True)


def test_killed_between_the_picture_and_its_line(tmp_path, target):
    with Journal(tmp_path) as journal:
        journal.saving(target, MADE, RECORD)
        write(target)
    assert state(tmp_path, target) == State(RECORD, ours=True)
    # whoever cut it since is not seen by its stamp, so it is looked at
    assert state(tmp_path, target).touched


def test_killed_before_the_picture_was_put_over_an_old_one(tmp_path, target):
    with Journal(tmp_path) as journal:
        journal.saving(target, OTHER, RECORD)
        write(target)
        journal.done(target, OTHER, RECORD)
        journal.saving(target, MADE, RECORD)
    assert state(tmp_path, target) == State(None, ours=True)
    assert state(tmp_path, target, OTHER) == State(RECORD, ours=True)


def test_killed_before_overwriting_somebody_elses_file(tmp_path, target):
    write(target)
    with Journal(tmp_path) as journal:
        journal.saving(target, MADE, RECORD)
    assert state(tmp_path, target) == State(None, ours=False)


def test_a_failed_save_leaves_the_file_to_its_owner(tmp_path, target):
    with Journal(tmp_path) as journal:
        journal.saving(target, MADE, RECORD)
        write(target)
        journal.failed(target)
    assert state(tmp_path, target) == State(None, ours=False)


def test_an_output_edited_since_is_finished_but_not_ours_to_replace(tmp_path, target):
    with Journal(tmp_path) as journal:
        journal.saving(target, MADE, RECORD)
        write(target)
        journal.done(target, MADE, RECORD)
    write(target, "retouched by hand")
    assert state(tmp_path, target) == State(RECORD, ours=True)
    assert state(tmp_path, target, OTHER) == State(None, ours=False)


def test_a_cut_last_line_and_rubbish_are_passed_over(tmp_path, target):
    with Journal(tmp_path) as journal:
        journal.saving(target, MADE, RECORD)
        write(target)
        journal.done(target, MADE, RECORD)
    path = tmp_path / ".photochrom-journal.jsonl"
    whole = path.read_bytes()
    for rubbish in (b'{"event": "done", "tar', b"\xff\xfe\n", b"[1, 2]\n", b'{"event": "done"}\n', b"[" * 100_000):
        path.write_bytes(whole + rubbish)
        with Journal(tmp_path) as journal:
            assert journal.state(target, MADE) == State(RECORD, ours=True)
            journal.done(target.with_name("b.jpg"), MADE, RECORD)
        assert json.loads(path.read_text(errors="replace").splitlines()[-1])["target"] == "deep/b.jpg"


def test_the_folder_may_be_moved(tmp_path, target):
    with Journal(tmp_path / "out") as journal:
        inside = tmp_path / "out" / "a.jpg"
        journal.saving(inside, MADE, RECORD)
        inside.write_text("picture")
        journal.done(inside, MADE, RECORD)
    (tmp_path / "out").rename(tmp_path / "archive")
    assert state(tmp_path / "archive", tmp_path / "archive" / "a.jpg") == State(RECORD, ours=True)


def test_each_line_is_on_the_disk_before_the_run_goes_on(tmp_path, target, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    with Journal(tmp_path) as journal:
        journal.saving(target, MADE, RECORD)
        journal.done(target, MADE, RECORD)
    assert len(synced) == 2


def test_a_second_run_is_kept_out(tmp_path):
    code = "import sys; from pathlib import Path; from photochrom.batch import Journal; Journal(Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(tmp_path)]
    with Journal(tmp_path):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "Another run is writing" in done.stderr
        with pytest.raises(OutputError) as caught:
            Journal(tmp_path)
        assert caught.value.code == "journal.locked"
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError) as caught:
        Journal(tmp_path / "file" / "out")
    assert caught.value.code == "journal.folder_unwritable"


def test_an_empty_file_left_by_a_killed_save_is_redone(tmp_path, target):
    with Journal(tmp_path) as journal:
        journal.saving(target, MADE, RECORD)
        write(target, "")
    assert state(tmp_path, target) == State(None, ours=True)
