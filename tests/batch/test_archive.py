"""The archivist's folder: other formats and times, XMP files that go along, and what is left out by name."""

import os
import shutil
import stat
import sys
from pathlib import Path

import pytest
from PIL import Image

from photochrom.batch import colorize_files, plan_jobs, preview_plan, run_plan
from photochrom.errors import OptionError
from photochrom.image_io.provenance import find_mark

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"'
    b' xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)


def statuses(report):
    return [file.status for file in report.files]


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith((".", "photochrom-report")))


def targets(inputs, output=None, **options):
    return [Path(job.target).name for job in plan_jobs(inputs, output, **options).jobs]


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "jp2", "tga", "ppm"])
def test_a_folder_in_one_format(folder, tmp_path, colorizer, suffix):
    plan = plan_jobs([folder], tmp_path / "out", format=suffix)
    assert statuses(run_plan(plan, colorizer=colorizer)) == ["done"] * 6
    assert names(tmp_path / "out") == [f"{number}.{suffix}" for number in range(6)]
    with Image.open(tmp_path / "out" / f"3.{suffix}") as image:
        assert image.format == {"jpg": "JPEG", "tif": "TIFF", "jp2": "JPEG2000", "ppm": "PPM"}.get(
            suffix, suffix.upper()
        )
        assert (image.mode, image.size) == ("RGB", (90, 60))


def test_names_in_another_format(folder, tmp_path, photo):
    photo(folder / "0.jpg")
    photo(folder / "6.JPEG")
    photo(folder / "7.pgm")
    photo(folder / "deep" / "7.jpg")
    expected = ["0.jpg", "0.png.jpg", *(f"{n}.jpg" for n in range(1, 6)), "6.JPEG", "7.jpg", "7.jpg"]
    assert targets([folder], tmp_path / "out", format="jpg") == expected
    assert targets([folder / "0.png"], format="tif") == ["0.color.tif"]
    # gray maps cannot hold colours
    assert targets([folder / "7.pgm"]) == ["7.color.ppm"]
    assert targets([folder / "7.pgm"], tmp_path / "out.png") == ["out.png"]
    for given, code in (({"format": "psd"}, "batch.format_unknown"), ({"format": "jpg"}, "batch.format_differs")):
        with pytest.raises(OptionError) as caught:
            plan_jobs([folder / "0.png"], tmp_path / "out.png", **given)
        assert caught.value.code == code


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_times_are_kept_on_request_and_rights_never_grow(folder, tmp_path, colorizer):
    modes = {"0.png": 0o600, "1.png": 0o640, "2.png": 0o444, "3.png": 0o777}
    for name, mode in modes.items():
        (folder / name).chmod(mode)
        os.utime(folder / name, (10**9, 10**9))
    before = os.umask(0o022)
    try:
        run_plan(plan_jobs([folder], tmp_path / "kept", keep_times=True), colorizer=colorizer)
        colorize_files([folder], tmp_path / "new", colorizer=colorizer)
    finally:
        os.umask(before)
    for name, expected in {"0.png": 0o600, "1.png": 0o640, "2.png": 0o644, "3.png": 0o644}.items():
        kept, new = (tmp_path / place / name for place in ("kept", "new"))
        assert {stat.S_IMODE(path.stat().st_mode) for path in (kept, new)} == {expected}
        assert kept.stat().st_mtime == 10**9
        assert new.stat().st_mtime > 10**9
    # what was finished is known again by its own time
    plan = plan_jobs([folder], tmp_path / "kept", keep_times=True)
    assert statuses(run_plan(plan, colorizer=colorizer, resume=True)) == ["skipped"] * 6


def test_xmp_files_go_along(folder, tmp_path, colorizer, gray):
    turned = Image.fromarray(gray)
    exif = turned.getexif()
    exif[274] = 6
    turned.save(folder / "6.jpg", exif=exif)
    for name in ("0.xmp", "1.png.xmp", "6.xmp", "stranger.xmp"):
        (folder / name).write_bytes(XMP)
    (folder / "2.xmp").write_bytes(b"no XMP at all")
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer)
    assert statuses(report) == ["done"] * 7
    assert [name for name in names(tmp_path / "out") if name.endswith("xmp")] == [
        "0.xmp",
        "1.png.xmp",
        "2.xmp",
        "6.xmp",
    ]
    upright, rotated = ((tmp_path / "out" / name).read_bytes() for name in ("0.xmp", "6.xmp"))
    assert all(b'xmp:Rating="4"' in text and b"photochrom (tinting)" in text for text in (upright, rotated))
    assert upright.count(b'softwareAgent="photochrom ') == 1
    assert b"tiff:Orientation" in upright
    assert b"tiff:Orientation" not in rotated
    assert (tmp_path / "out" / "2.xmp").read_bytes() == b"no XMP at all"
    assert report.left_out == {"XMP": 1}
    # another rating is another result
    (folder / "0.xmp").write_bytes(XMP.replace(b'"4"', b'"5"'))
    again = colorize_files([folder], tmp_path / "out", colorizer=colorizer, resume=True)
    assert statuses(again) == ["done"] + ["skipped"] * 6
    assert b'xmp:Rating="5"' in (tmp_path / "out" / "0.xmp").read_bytes()


def test_xmp_files_of_photos_of_one_name(folder, tmp_path, colorizer, photo):
    photo(folder / "0.jpg")
    (folder / "0.xmp").write_bytes(XMP)
    report = colorize_files([folder / "0.jpg", folder / "0.png"], tmp_path / "out", colorizer=colorizer)
    assert statuses(report) == ["done"] * 2
    assert names(tmp_path / "out") == ["0.jpg", "0.jpg.xmp", "0.png", "0.png.xmp"]


def test_what_is_left_out_is_counted(folder, tmp_path, colorizer):
    for name in ("a.psd", "b.PSD", "c.txt", "deep/d.nef", "README", ".hidden"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    (folder / "page.ts").write_text("export {}")
    (folder / "film.ts").write_bytes((b"\x47" + bytes(187)) * 4)
    plan = plan_jobs([folder], tmp_path / "out")
    assert dict(plan.left_out) == {"PSD": 2, "": 1, "NEF": 1, "TS": 1, "TXT": 1}
    assert [job.problem.code for job in plan.jobs if job.problem] == ["batch.is_video"]
    report = run_plan(plan, colorizer=colorizer)
    assert (report.left_out, report.results_left_out) == (plan.left_out, 0)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "gif", "jp2", "avif", "bmp", "ppm", "tga"])
def test_a_second_run_in_place_leaves_results_out(folder, colorizer, suffix):
    for path in folder.iterdir():
        if path.name[0] in "2345":
            path.unlink()
    plan = plan_jobs([folder], format=suffix)
    run_plan(plan, colorizer=colorizer)
    again = plan_jobs([folder], format=suffix)
    assert [job.target for job in again.jobs] == [job.target for job in plan.jobs]
    assert again.results == 2
    (folder / ".photochrom-journal.jsonl").unlink()
    assert plan_jobs([folder], format=suffix).results == 2


def test_own_photos_are_coloured_whatever_they_are_called(folder, photo, colorizer):
    photo(folder / "0.color.png")
    photo(folder / "portrait.color.png")
    photo(folder / "portrait.confidence.png")
    report = colorize_files([folder], colorizer=colorizer)
    assert {Path(file.source).name: file.error_code for file in report.files if file.error_code} == {
        "0.png": "batch.output_is_photo"
    }
    assert report.done == 7
    assert (folder / "portrait.color.color.png").exists()
    assert report.results_left_out == 1


def test_results_of_another_run_inside_the_input(folder, tmp_path, colorizer):
    colorize_files([folder], folder / "colour", colorizer=colorizer)
    colorize_files([folder / "0.png"], folder / "single.png", colorizer=colorizer)
    plan = plan_jobs([folder], tmp_path / "out")
    assert len(plan.jobs) == 6
    assert plan.results == 7


def test_a_run_is_shown_before_it_is_made(folder, tmp_path, colorizer):
    (folder / "film.mp4").write_bytes(b"x")
    out = tmp_path / "out"

    def preview(**options):
        return statuses(preview_plan(plan_jobs([folder], out), card=colorizer.card, **options))

    assert preview() == ["planned"] * 6 + ["failed"]
    assert not out.exists()
    colorize_files([folder / "0.png", folder / "1.png"], out, colorizer=colorizer)
    shutil.copy(folder / "2.png", out / "2.png")
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    assert preview(resume=True) == ["skipped"] * 2 + ["failed"] + ["planned"] * 3 + ["failed"]
    assert preview(overwrite=True) == ["planned"] * 6 + ["failed"]
    assert {path.name: path.stat().st_mtime_ns for path in out.iterdir()} == before
    assert len(colorizer.seen) == 2


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "gif", "jp2"])
def test_resume_makes_outputs_that_were_cut_again(folder, tmp_path, colorizer, suffix):
    out = tmp_path / "out"
    plan = plan_jobs([folder], out, format=suffix)
    run_plan(plan, colorizer=colorizer)
    whole = {path.name: path.read_bytes() for path in out.glob(f"*.{suffix}")}
    for number, size in (("0", 0), ("1", 40), ("2", len(whole[f"2.{suffix}"]) - 300)):
        (out / f"{number}.{suffix}").write_bytes(whole[f"{number}.{suffix}"][:size])
    report = run_plan(plan, colorizer=colorizer, resume=True)
    assert statuses(report) == ["done"] * 3 + ["skipped"] * 3
    assert {path.name: path.read_bytes() for path in out.glob(f"*.{suffix}")} == whole


def test_resume_knows_results_without_a_journal_by_their_mark(folder, tmp_path, colorizer, photo):
    out = tmp_path / "out"
    colorize_files([folder], out, colorizer=colorizer)
    (out / ".photochrom-journal.jsonl").unlink()
    assert find_mark(out / "0.png") == "tinting"
    data = (out / "1.png").read_bytes()
    (out / "1.png").write_bytes(data[: len(data) - 200])
    photo(out / "2.png", seed=30)
    os.utime(out / "3.png", (10**9, 10**9))
    report = colorize_files([folder], out, colorizer=colorizer, resume=True)
    assert statuses(report) == ["skipped", "done", "failed", "failed", "skipped", "skipped"]
    assert len(report.files[0].notes) == 1
    assert (report.files[0].width, report.files[0].height) == (90, 60)
    # one photo alone keeps no journal
    single = colorize_files([folder / "0.png"], out / "0.png", colorizer=colorizer, resume=True)
    assert statuses(single) == ["skipped"]


def test_resume_misses_what_should_lie_beside(folder, tmp_path, colorizer):
    (folder / "0.xmp").write_bytes(XMP)
    colorize_files([folder], tmp_path / "out", colorizer=colorizer)
    (tmp_path / "out" / "0.xmp").unlink()
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer, resume=True)
    assert statuses(report) == ["done"] + ["skipped"] * 5
    assert (tmp_path / "out" / "0.xmp").exists()
