from hashlib import sha256

from photochrom.batch import colorize_files
from photochrom.colorizer import Options


def statuses(report):
    return [file.status for file in report.files]


def stamps(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.rglob("*.png")}


def test_a_second_run_without_resume_fails_each_file(folder, tmp_path, colorizer):
    colorize_files([folder], tmp_path / "out", colorizer=colorizer)
    before = stamps(tmp_path / "out")
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer)
    assert statuses(report) == ["failed"] * 6
    assert {file.error_code for file in report.files} == {"batch.output_exists_resumable"}
    assert stamps(tmp_path / "out") == before


def test_resume_redoes_nothing(folder, tmp_path, colorizer):
    first = colorize_files([folder], tmp_path / "out", colorizer=colorizer)
    before = stamps(tmp_path / "out")
    second = colorize_files([folder], tmp_path / "out", colorizer=colorizer, resume=True)
    assert statuses(second) == ["skipped"] * 6
    assert [file.confidence for file in second.files] == [file.confidence for file in first.files]
    assert stamps(tmp_path / "out") == before
    assert len(colorizer.seen) == 6


def test_resume_redoes_what_has_changed(folder, tmp_path, colorizer, photo):
    colorize_files([folder], tmp_path / "out", colorizer=colorizer)
    photo(folder / "1.png", seed=20)
    (tmp_path / "out" / "4.png").unlink()
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer, resume=True)
    assert statuses(report) == ["skipped", "done", "skipped", "skipped", "done", "skipped"]
    options = Options(vividness=1.5)
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer, options=options, resume=True)
    assert statuses(report) == ["done"] * 6
    options = Options(vividness=1.5, max_pixels=10_000_000)
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer, options=options, resume=True)
    assert statuses(report) == ["skipped"] * 6
    other = type(colorizer)(sha256="2" * 64)
    assert colorize_files([folder], tmp_path / "out", colorizer=other, options=options, resume=True).done == 6


def test_resume_does_not_replace_what_a_person_has_retouched(folder, tmp_path, colorizer, photo):
    colorize_files([folder], tmp_path / "out", colorizer=colorizer)
    retouched = photo(tmp_path / "out" / "1.png", seed=40)
    before = retouched.read_bytes()
    options = Options(vividness=1.5)
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer, options=options, resume=True)
    assert statuses(report).count("failed") == 1
    assert report.files[1].error_code == "batch.output_changed"
    assert retouched.read_bytes() == before


def test_resume_beside_the_photos(folder, colorizer):
    assert colorize_files([folder], colorizer=colorizer).done == 6
    assert (folder / "0.color.png").exists()
    assert statuses(colorize_files([folder], colorizer=colorizer, resume=True)) == ["skipped"] * 6


def test_leftovers_of_a_killed_run_go_and_strangers_stay(folder, tmp_path, colorizer, photo):
    out, long = tmp_path / "out", f"{'n' * 240}.png"
    photo(folder / long)
    out.mkdir()
    ours = [".3.png.abc.photochrom-part", f".{sha256(long.encode()).hexdigest()[:32]}.1f-2e.photochrom-part"]
    others = [".other.png.abc.photochrom-part", ".3.png.bak.png.abc.photochrom-part", ".3.png.notes"]
    for name in (*ours, *others):
        (out / name).write_bytes(b"half")
    report = colorize_files([folder], out, colorizer=colorizer, resume=True)
    assert statuses(report) == ["done"] * 7
    assert (out / long).exists()
    assert [name for name in ours if (out / name).exists()] == []
    assert all((out / name).exists() for name in others)
