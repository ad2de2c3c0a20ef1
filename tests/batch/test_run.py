import errno
import json
import threading
from pathlib import Path

import pytest
from PIL import Image

from photochrom.batch import colorize_files, plan_jobs, run_plan
from photochrom.errors import CorruptWeightsError, NoInputError, OptionError, WriteError
from photochrom.hints import Hint
from photochrom.options import ColorizeOptions


def statuses(report):
    return [file.status for file in report.files]


def journal_lines(folder):
    return [json.loads(line) for line in (folder / ".photochrom-journal.jsonl").read_text().splitlines()]


def test_a_folder_comes_out_as_a_folder(folder, tmp_path, colorizer):
    events = []
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer, jobs=3, on_event=events.append)
    assert statuses(report) == ["done"] * 6
    assert [Path(file.source).name for file in report.files] == [f"{number}.png" for number in range(6)]
    assert {event.position for event in events} == set(range(1, 7))
    assert {event.total for event in events} == {6}
    with Image.open(tmp_path / "out" / "3.png") as image:
        assert (image.mode, image.size) == ("RGB", (90, 60))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [f"{number}.png" for number in range(6)]
        + [".photochrom-journal.jsonl", ".photochrom-journal.lock", "photochrom-report.json"]
    )


@pytest.mark.parametrize("resume", [False, True])
def test_one_photo_that_is_there_already_is_not_said_to_be_resumable(folder, tmp_path, colorizer, resume):
    target = tmp_path / "out.png"
    target.write_bytes(b"somebody's")
    report = colorize_files([folder / "0.png"], target, colorizer=colorizer, resume=resume)
    assert report.files[0].error_code == "batch.output_exists"
    assert target.read_bytes() == b"somebody's"


def test_the_report_says_everything(folder, tmp_path, colorizer):
    (folder / "0.png").write_bytes(b"no picture")
    options = ColorizeOptions(vividness=0.5)
    colorize_files([folder], tmp_path / "out", colorizer=colorizer, options=options)
    report = json.loads((tmp_path / "out" / "photochrom-report.json").read_text())
    assert report["totals"] == {"files": 6, "done": 5, "skipped": 0, "failed": 1, "remaining": 0}
    assert (report["model"], report["model_sha256"]) == ("tinting", "1" * 64)
    assert report["options"]["vividness"] == 0.5
    assert report["rate"] > 0
    bad, good = report["files"][:2]
    assert bad["status"] == "failed"
    assert "0.png" in bad["error"]
    assert bad["error_code"]
    assert (good["status"], good["confidence"], good["width"], good["height"]) == ("done", 0.5, 90, 60)
    assert good["error"] is good["error_code"] is None


def test_notes_are_in_the_report_and_stay_there(folder, tmp_path, colorizer):
    data = bytearray((folder / "0.png").read_bytes())
    broken = b"\0\0\0\x05tEXtA\0old\1\2\3\4"
    (folder / "0.png").write_bytes(data[:33] + broken + data[33:])
    for resume in (False, True):
        report = colorize_files([folder], tmp_path / "out", colorizer=colorizer, resume=resume)
        assert [len(file.notes) for file in report.files] == [1, 0, 0, 0, 0, 0]
        assert "tEXt" in report.files[0].notes[0]
    written = json.loads((tmp_path / "out" / "photochrom-report.json").read_text())
    assert written["files"][0]["notes"] == list(report.files[0].notes)


def test_a_report_replaces_a_report_and_no_other_file(folder, tmp_path, colorizer):
    report, hints = tmp_path / "report.json", tmp_path / "hints.json"
    hints.write_text('[{"x": 1, "y": 1, "color": "#fff"}]')
    for resume in (False, True):
        colorize_files([folder], tmp_path / "out", colorizer=colorizer, report=report, resume=resume)
    assert json.loads(report.read_text())["totals"]["skipped"] == 6
    with pytest.raises(OptionError) as caught:
        colorize_files([folder], tmp_path / "other", colorizer=colorizer, report=hints)
    assert caught.value.code == "batch.report_replaces"
    assert hints.read_text().startswith("[")
    assert not (tmp_path / "other").exists()


def test_a_bad_file_leaves_nothing_and_the_rest_goes_on(folder, tmp_path, colorizer):
    (folder / "deep").mkdir()
    (folder / "deep" / "cut.png").write_bytes((folder / "1.png").read_bytes()[:200])
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer)
    assert (report.done, report.failed) == (6, 1)
    assert not (tmp_path / "out" / "deep").exists()


def test_a_crash_of_a_library_is_one_files_failure(folder, tmp_path, colorizer):
    def crash(path):
        if path.name == "2.png":
            raise ZeroDivisionError("division\nby zero")
        if path.name == "3.png":
            raise MemoryError

    colorizer.before = crash
    events = []
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer, on_event=events.append)
    assert report.failed == 2
    assert "ZeroDivisionError: division by zero" in report.files[2].error
    assert [report.files[number].error_code for number in (2, 3)] == ["batch.unexpected", "batch.out_of_memory"]
    causes = {type(event.error.__cause__) for event in events if event.error is not None}
    assert causes == {ZeroDivisionError, MemoryError}


def test_nothing_is_overwritten_and_the_network_is_spared(folder, tmp_path, colorizer, photo):
    mine = photo(tmp_path / "out" / "2.png", seed=30)
    before = mine.read_bytes()
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer)
    assert statuses(report) == ["done", "done", "failed", "done", "done", "done"]
    assert report.files[2].error_code == "batch.output_exists_resumable"
    assert "2.png" not in colorizer.seen
    assert colorize_files([folder], tmp_path / "out", colorizer=colorizer, resume=True).failed == 1
    assert mine.read_bytes() == before
    assert colorize_files([folder], tmp_path / "out", colorizer=colorizer, overwrite=True).done == 6
    assert mine.read_bytes() != before


def test_a_single_photo_leaves_no_journal_and_no_report(tmp_path, photo, colorizer):
    photo(tmp_path / "a.png")
    colorize_files([tmp_path / "a.png"], colorizer=colorizer)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.color.png", "a.png"]


def test_a_name_without_suffix_keeps_its_format(tmp_path, photo, colorizer):
    photo(tmp_path / "a.png").rename(tmp_path / "scan")
    report = colorize_files([tmp_path / "scan"], colorizer=colorizer)
    assert report.files[0].error is None
    with Image.open(tmp_path / "scan.color") as image:
        assert image.format == "PNG"


def test_a_full_disk_stops_the_run(folder, tmp_path, colorizer, monkeypatch):
    def full(path):
        if path.name == "2.png":
            raise WriteError("batch.folder_unwritable", path=path, reason="full") from OSError(
                errno.ENOSPC, "No space left on device"
            )

    colorizer.after = full
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer, jobs=1)
    assert (report.done, report.failed, report.remaining) == (2, 1, 3)
    assert report.stopped.code == "batch.disk_full"
    colorizer.after = lambda path: None
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer, jobs=1, resume=True)
    assert (report.done, report.skipped, report.stopped) == (4, 2, None)


@pytest.mark.parametrize("error", [CorruptWeightsError("batch.disk_full"), OptionError("batch.name_empty")])
def test_what_no_file_can_survive_stops_the_run(folder, tmp_path, colorizer, error):
    def fail(path):
        raise error

    colorizer.before = fail
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer, jobs=1)
    assert (report.failed, report.remaining, report.stopped) == (1, 5, error)


def test_stop_finishes_what_is_in_work(folder, tmp_path, colorizer):
    stop = threading.Event()
    colorizer.before = lambda path: stop.set() if path.name == "1.png" else None
    report = run_plan(plan_jobs([folder], tmp_path / "out"), colorizer=colorizer, jobs=1, stop=stop)
    assert (report.done, report.remaining, report.stopped.code) == (2, 4, "batch.interrupted")
    assert (tmp_path / "out" / "1.png").exists()


def test_an_interrupt_writes_the_report_before_it_is_raised(folder, tmp_path, colorizer):
    def interrupt(event):
        if event.position == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        colorize_files([folder], tmp_path / "out", colorizer=colorizer, jobs=1, on_event=interrupt)
    report = json.loads((tmp_path / "out" / "photochrom-report.json").read_text())
    assert report["totals"]["done"] + report["totals"]["remaining"] == 6
    assert report["totals"]["remaining"] > 0
    assert report["stopped_code"] == "batch.interrupted"


def test_a_listener_that_fails_ends_the_run_cleanly(folder, tmp_path, colorizer):
    def fail(event):
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        colorize_files([folder], tmp_path / "out", colorizer=colorizer, jobs=2, on_event=fail)
    done = {line["target"] for line in journal_lines(tmp_path / "out") if line["event"] == "done"}
    assert done == {path.name for path in (tmp_path / "out").glob("*.png")}
    assert not any(thread.name.startswith("photochrom-") for thread in threading.enumerate())


def test_options_that_make_no_sense(folder, tmp_path, colorizer):
    for given, code in (
        ({"jobs": 0}, "batch.jobs_out_of_range"),
        ({"options": ColorizeOptions(hints=(Hint(1, 1, "#fff"),))}, "batch.hints_for_many"),
        ({"report": folder / "1.png"}, "batch.report_name"),
        ({"backend": "spark"}, "batch.backend_unknown"),
    ):
        with pytest.raises(OptionError) as caught:
            colorize_files([folder], tmp_path / "out", colorizer=colorizer, **given)
        assert caught.value.code == code
    with pytest.raises(NoInputError):
        colorize_files([], tmp_path / "out", colorizer=colorizer)
    assert not (tmp_path / "out").exists()


def test_the_old_name_of_the_backend_still_works(folder, tmp_path, colorizer):
    with pytest.warns(DeprecationWarning, match="is deprecated"):
        report = colorize_files([folder / "0.png"], tmp_path / "a.png", colorizer=colorizer, engine="local")
    assert report.done == 1
    plan = plan_jobs([folder / "0.png"], tmp_path / "b.png")
    with pytest.warns(DeprecationWarning, match="is deprecated"):
        assert run_plan(plan, colorizer=colorizer, engine="local").done == 1


def test_as_many_at_once_as_asked(folder, tmp_path, colorizer):
    together = threading.Barrier(3, timeout=20)
    colorizer.before = lambda path: together.wait()
    assert colorize_files([folder], tmp_path / "out", colorizer=colorizer, jobs=3).done == 6


def test_giants_are_not_worked_on_together(folder, tmp_path, colorizer, monkeypatch):
    monkeypatch.setattr("photochrom.batch.photo_task.count_pixels", lambda path: 90_000_000)
    guard, most, inside = threading.Lock(), [0], [0]

    def enter(path):
        with guard:
            inside[0] += 1
            most[0] = max(most[0], inside[0])

    def leave(path):
        with guard:
            inside[0] -= 1

    colorizer.before, colorizer.after = enter, leave
    colorize_files([folder], tmp_path / "out", colorizer=colorizer, jobs=4)
    assert most[0] == 1
