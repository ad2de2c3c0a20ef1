"""Photos and results in an object store: a real S3 server that fails on demand, and places of other kinds."""

import json
import threading
from pathlib import Path

import pytest
from PIL import Image

from photochrom.batch import Sidecars, colorize_files, plan_stored_jobs, run_plan
from photochrom.batch.saving import Saving
from photochrom.cli.main import main
from photochrom.errors import InputError, NoInputError, OptionError, StoreError
from photochrom.image_io.provenance import find_mark
from photochrom.system.stores import Retry, open_store
from photochrom.system.stores import open as opening

pytest.importorskip("fsspec", reason="object stores need the cloud extra")

XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""/></rdf:RDF></x:xmpmeta>"""
REPORT = "photochrom-report.json"


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch):
    monkeypatch.setattr(opening, "Retry", lambda: Retry(attempts=4, first_seconds=0.001, longest_seconds=0.002))


@pytest.fixture
def shoebox(folder, gray):
    """Photos of several kinds, one that is cut, an XMP file, and a file that is none."""
    Image.fromarray(gray).save(folder / "old.jpg", quality=90)
    Image.fromarray(gray).save(folder / "old.tif")
    (folder / "below").mkdir()
    Image.fromarray(gray).save(folder / "below" / "scan.pgm")
    Image.fromarray(gray).save(folder / "below" / "unmarked.bmp")
    (folder / "torn.jpg").write_bytes((folder / "old.jpg").read_bytes()[:300])
    (folder / "0.xmp").write_bytes(XMP)
    (folder / "list.txt").write_text("0")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if not name.startswith(".") and name != REPORT}


def results(store, prefix: str) -> dict[str, bytes]:
    return {
        name: content
        for name, content in store.get(prefix).items()
        if not name.startswith(".photochrom/") and name != REPORT
    }


def by_name(report) -> dict[str, tuple[str, str | None]]:
    return {Path(file.source).name: (file.status, file.error_code) for file in report.files}


def test_a_bucket_gets_what_a_folder_would(s3, shoebox, tmp_path, colorizer) -> None:
    beside = Sidecars(confidence=True)
    here = colorize_files([shoebox], tmp_path / "out", colorizer=colorizer, beside=beside)
    source = s3.put(shoebox)
    there = colorize_files([source], f"s3://{s3.bucket}/out", colorizer=colorizer, beside=beside)
    assert results(s3, "out") == contents(tmp_path / "out")
    assert (there.done, there.failed, there.left_out) == (here.done, here.failed, here.left_out)
    assert by_name(there) == by_name(here)
    report = json.loads(s3.get("out")[REPORT])
    assert report["totals"]["done"] == there.done
    assert {file["source"].rsplit("/", 1)[0] for file in report["files"]} == {source, f"{source}/below"}
    # between kinds of places
    for inputs, output in (([source], str(tmp_path / "mixed")), ([str(shoebox)], f"s3://{s3.bucket}/mixed")):
        colorize_files(inputs, output, colorizer=colorizer, beside=beside)
    assert results(s3, "mixed") == contents(tmp_path / "out")
    mixed = contents(tmp_path / "mixed")
    assert {name: mixed[name] for name in mixed if not name.startswith(".photochrom")} == contents(tmp_path / "out")


def test_a_run_is_gone_on_with_by_what_is_in_the_output(s3, shoebox, colorizer) -> None:
    source, output = s3.put(shoebox), f"s3://{s3.bucket}/out"
    stop = threading.Event()
    plan = plan_stored_jobs([source], output)
    first = run_plan(plan, colorizer=colorizer, jobs=1, stop=stop, on_event=lambda event: stop.set())
    assert first.stopped.code == "batch.interrupted"
    assert 1 <= first.done < 10
    before = s3.get("out")
    second = colorize_files([source], output, colorizer=colorizer, resume=True)
    assert (second.skipped, second.done, second.failed) == (first.done, 10 - first.done, 1)
    after = s3.get("out")
    assert before.items() <= after.items()
    skipped = next(file for file in second.files if file.status == "skipped")
    assert (skipped.width, skipped.height, skipped.confidence) == (90, 60, 0.5)
    # a photo that has changed, a result that was cut, one that is gone, one whose mark is gone, and somebody's own
    key = {"Bucket": s3.bucket}
    s3.client.put_object(**key, Key="in/1.png", Body=(shoebox / "2.png").read_bytes())
    s3.client.put_object(**key, Key="out/2.png", Body=after["2.png"][:200])
    s3.client.delete_object(**key, Key="out/3.png")
    for name in (name for name in after if name.startswith((".photochrom/4.png~", ".photochrom/below/unmarked.bmp~"))):
        s3.client.delete_object(**key, Key=f"out/{name}")
    third = colorize_files([source], output, colorizer=colorizer, resume=True)
    ends = by_name(third)
    assert {name for name, end in ends.items() if end[0] == "done"} == {"1.png", "3.png", "4.png"}
    assert {name: end[1] for name, end in ends.items() if end[0] == "failed"} == {
        "torn.jpg": ends["torn.jpg"][1],
        "2.png": "batch.output_changed",
        "unmarked.bmp": "batch.output_changed",
    }
    assert s3.get("out")["2.png"] == after["2.png"][:200]
    # other options make other pictures; each result has one mark
    other = colorize_files([source], output, colorizer=type(colorizer)("other", "2" * 64), resume=True)
    assert (other.skipped, other.done) == (0, 8)
    marks = [name for name in s3.get("out") if name.startswith(".photochrom/") and "~" in name]
    assert len(marks) == len({name.split("~")[0] for name in marks}) == 9


def test_nothing_is_overwritten_unasked(s3, folder, tmp_path, colorizer) -> None:
    source, output = s3.put(folder), f"s3://{s3.bucket}/out"
    s3.client.put_object(Bucket=s3.bucket, Key="out/0.png", Body=b"mine")
    report = colorize_files([source], output, colorizer=colorizer)
    assert (report.done, by_name(report)["0.png"]) == (5, ("failed", "batch.output_exists_resumable"))
    assert s3.get("out")["0.png"] == b"mine"

    def appear(path: Path) -> None:
        s3.client.put_object(Bucket=s3.bucket, Key=f"late/{path.name}", Body=b"mine")

    colorizer.after = appear
    report = colorize_files([source], f"s3://{s3.bucket}/late", colorizer=colorizer)
    assert {file.error_code for file in report.files} == {"output.exists"}
    assert set(results(s3, "late").values()) == {b"mine"}
    colorizer.after = lambda path: None
    report = colorize_files([source], output, colorizer=colorizer, overwrite=True)
    assert report.done == 6
    assert s3.get("out")["0.png"] != b"mine"


def test_a_store_that_fails(s3, folder, colorizer) -> None:
    source, output = s3.put(folder), f"s3://{s3.bucket}/out"
    s3.fail(
        {"method": "GET", "path": "in/0.png", "times": 3, "status": 503},
        {"method": "PUT", "path": "out/1.png", "times": 3, "status": 503},
        {"method": "GET", "path": "in/2.png", "times": 2, "cut": 50},
        {"method": "GET", "path": "in/3.png", "times": 100, "status": 503},
    )
    report = colorize_files([source], output, colorizer=colorizer)
    assert s3.left() == [0, 0, 0, 96]
    assert {name: end for name, end in by_name(report).items() if end[0] != "done"} == {
        "3.png": ("failed", "store.unavailable")
    }
    # one that has gone altogether ends the run, with the rest left for the next
    s3.fail({"method": "GET", "path": "/in/", "times": 1000, "status": 503})
    report = colorize_files([source], f"{output}2", colorizer=colorizer, jobs=1)
    assert report.stopped.code == "store.unavailable"
    assert (report.done, report.failed >= 5) == (0, True)
    s3.fail()
    again = colorize_files([source], f"{output}2", colorizer=colorizer, resume=True)
    assert again.done == 6


def test_what_cannot_be_begun(s3, folder, colorizer) -> None:
    source = s3.put(folder)
    for inputs, output, kind, code in (
        ([source], None, OptionError, "store.output_needed"),
        ([source], "https://example.org/out", OptionError, "store.read_only"),
        ([source], source, OptionError, "batch.output_is_input"),
        ([source], f"s3://{s3.bucket}/out.jpg", OptionError, "batch.output_not_a_folder_name"),
        ([f"{source}/none.jpg"], f"s3://{s3.bucket}/out", NoInputError, "batch.not_found"),
        (["s3://photochrom-has-no-such-bucket/in"], f"s3://{s3.bucket}/out", StoreError, "store.bucket_missing"),
        ([source], "s3://photochrom-has-no-such-bucket/out", StoreError, "store.bucket_missing"),
    ):
        with pytest.raises((InputError, StoreError)) as caught:
            colorize_files(inputs, output, colorizer=colorizer)
        assert (type(caught.value), caught.value.code) == (kind, code)
    s3.deny("s3:PutObject", prefix="locked")
    with pytest.raises(StoreError) as caught:
        colorize_files([source], f"s3://{s3.bucket}/locked", colorizer=colorizer)
    assert caught.value.code == "store.permission_denied"
    assert colorizer.seen == []
    # one photo alone
    one = colorize_files([f"{source}/0.png"], f"s3://{s3.bucket}/one.png", colorizer=colorizer)
    assert (one.done, "one.png" in s3.get("one")) == (1, False)
    again = colorize_files([f"{source}/0.png"], f"s3://{s3.bucket}/one.png", colorizer=colorizer)
    assert again.files[0].error_code == "batch.output_exists"


@pytest.mark.parametrize("source", ["disk", "memory"])
def test_a_cluster_refuses_what_its_machines_do_not_share(folder, tmp_path, colorizer, source) -> None:
    inputs, output = str(folder), f"memory://{tmp_path.name}/out"
    if source == "memory":
        inputs, output = f"memory://{tmp_path.name}/in", str(tmp_path / "out")
        open_store(inputs).write(f"{inputs}/0.png", (folder / "0.png").read_bytes(), overwrite=False)
    with pytest.raises(OptionError) as caught:
        colorize_files([inputs], output, colorizer=colorizer, backend="ray")
    assert caught.value.code == "store.not_shared"
    assert not (tmp_path / "out").exists()


def test_keys_that_would_lead_out_of_a_folder(tmp_path, photo, colorizer) -> None:
    content = photo(tmp_path / "a.png").read_bytes()
    store = open_store("memory://")
    for key in ("box/fine.png", "box/../../../escaped.png", "box/.photochrom~/b.png"):
        store.write(f"memory://{tmp_path.name}/{key}", content, overwrite=False)
    found = {file.address for file in store.find(f"memory://{tmp_path.name}")}
    report = colorize_files([f"memory://{tmp_path.name}/box"], tmp_path / "out" / "deep", colorizer=colorizer)
    assert not (tmp_path / "escaped.png").exists()
    escaping = [file for file in report.files if ".." in file.source]
    assert {file.error_code for file in escaping} <= {"store.name_unsafe"}
    assert len(escaping) == sum(".." in address for address in found)
    assert (tmp_path / "out" / "deep" / "fine.png").exists()


def test_results_that_are_saved_otherwise(s3, shoebox, tmp_path, colorizer) -> None:
    pytest.importorskip("jpeglib")
    source = s3.put(shoebox)
    plan = plan_stored_jobs([f"{source}/old.jpg"], f"s3://{s3.bucket}/kept.jpg", saving=Saving(lossless=True))
    assert run_plan(plan, colorizer=colorizer).done == 1
    whole = s3.client.get_object(Bucket=s3.bucket, Key="kept.jpg")["Body"].read()
    (tmp_path / "kept.jpg").write_bytes(whole)
    assert find_mark(tmp_path / "kept.jpg") == colorizer.name


def test_the_command(s3, folder, tmp_path, capfd) -> None:
    source, output = s3.put(folder), f"s3://{s3.bucket}/out"
    words = ["colorize", source, "-o", output, "--input-size", "64"]
    assert main([*words, "--dry-run"]) == 0
    assert s3.get("out") == {}
    assert main(words) == 0
    assert main([*words, "--resume"]) == 0
    assert "6 finished before" in capfd.readouterr().out
    assert main(["colorize", str(folder), "-o", str(tmp_path / "out"), "--input-size", "64", "-q"]) == 0
    assert results(s3, "out") == contents(tmp_path / "out")
    for more, flag in ((["--keep-times"], "--keep-times"), (["--save-project"], "--save-project")):
        assert main([*words, *more]) == 2
        assert flag in capfd.readouterr().err
    assert main(["colorize", f"{source}/0.png", "-o", "-"]) == 2
    assert main(["colorize", f"s3://{s3.bucket}/none/", "-o", output]) == 1
