"""What is written beside outputs: confidence pictures and project files, through runs that fail, stop and resume."""

import json
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from photochrom.batch import Sidecars, colorize_files
from photochrom.batch.sidecars import find_ambiguous
from photochrom.errors import NoInputError, OptionError
from photochrom.options import ColorizeOptions
from photochrom.project import read_project

BOTH = Sidecars(confidence=True, project=True)


@pytest.fixture
def reference(tmp_path):
    path = tmp_path / "other" / "coffee.jpg"
    path.parent.mkdir()
    Image.fromarray(data.coffee()).save(path)
    return path


def test_every_output_has_its_own(folder, tmp_path, colorizer, reference):
    report = colorize_files(
        [folder], tmp_path / "out", colorizer=colorizer, beside=BOTH, options=ColorizeOptions(reference=reference)
    )
    assert [(file.status, file.matches) for file in report.files] == [("done", 7)] * 6
    assert report.options["reference"] == str(reference)
    for number in range(6):
        with Image.open(tmp_path / "out" / f"{number}.confidence.png") as image:
            assert image.height > 60
        project = read_project(tmp_path / "out" / f"{number}.photochrom.json")
        assert (project.source.name, project.source.path) == (f"{number}.png", f"../in/{number}.png")
        assert project.reference.path == "../other/coffee.jpg"
    # a later run over what lies there knows all of it for what it is
    with pytest.raises(NoInputError) as caught:
        colorize_files([tmp_path / "out"], tmp_path / "twice", colorizer=colorizer)
    assert caught.value.code == "batch.only_results"


def test_a_run_is_resumed_with_all_that_was_asked_for(folder, tmp_path, colorizer, reference):
    out = tmp_path / "out"
    colorize_files([folder], out, colorizer=colorizer)
    report = colorize_files([folder], out, colorizer=colorizer, beside=BOTH, resume=True)
    assert {file.status for file in report.files} == {"done"}
    assert len(list(out.glob("*.photochrom.json"))) == len(list(out.glob("*.confidence.png"))) == 6
    report = colorize_files([folder], out, colorizer=colorizer, beside=BOTH, resume=True)
    assert {file.status for file in report.files} == {"skipped"}
    report = colorize_files(
        [folder], out, colorizer=colorizer, beside=BOTH, resume=True, options=ColorizeOptions(reference=reference)
    )
    assert {file.status for file in report.files} == {"done"}
    # another photo of the same name is another reference
    Image.fromarray(data.chelsea()).save(reference)
    report = colorize_files(
        [folder], out, colorizer=colorizer, beside=BOTH, resume=True, options=ColorizeOptions(reference=reference)
    )
    assert {file.status for file in report.files} == {"done"}


def test_what_lies_there_is_nobodys_to_replace(folder, tmp_path, colorizer):
    mine = tmp_path / "out" / "2.photochrom.json"
    mine.parent.mkdir()
    mine.write_text("mine")
    report = colorize_files([folder], tmp_path / "out", colorizer=colorizer, beside=BOTH)
    assert [file.status for file in report.files] == ["done", "done", "failed", "done", "done", "done"]
    assert report.files[2].error_code == "batch.output_exists"
    assert mine.read_text() == "mine"
    assert not (tmp_path / "out" / "2.png").exists()
    assert not (tmp_path / "out" / "2.confidence.png").exists()
    colorize_files([folder], tmp_path / "out", colorizer=colorizer, beside=BOTH, overwrite=True)
    assert json.loads(mine.read_text())["photochrom_project"] == 2


def test_nothing_stays_beside_a_picture_that_could_not_be_saved(folder, tmp_path, colorizer):
    out = tmp_path / "out"
    # somebody else's file appears while the picture is coloured
    colorizer.after = lambda path: (out / path.name).write_bytes(b"theirs") if path.name == "3.png" else None
    report = colorize_files([folder], out, colorizer=colorizer, beside=BOTH)
    assert [file.status for file in report.files].count("failed") == 1
    assert (out / "3.png").read_bytes() == b"theirs"
    assert not list(out.glob("3.*.*"))


def test_photos_of_one_name_keep_theirs_apart(tmp_path, colorizer, photo):
    for name in ("a.png", "a.tif", "b.png"):
        photo(tmp_path / "in" / name)
    colorize_files([tmp_path / "in"], tmp_path / "out", colorizer=colorizer, beside=Sidecars(project=True))
    names = sorted(path.name for path in (tmp_path / "out").glob("*.photochrom.json"))
    assert names == ["a.png.photochrom.json", "a.tif.photochrom.json", "b.photochrom.json"]
    assert find_ambiguous([Path("a.png"), Path("x/a.png"), Path("b.png")]) == frozenset()


def test_names_beside_are_those_of_the_photo():
    names = {path.name for path in BOTH.paths(Path("1936.color.jpg"))}
    assert names == {"1936.confidence.png", "1936.photochrom.json"}
    assert [path.name for path in Sidecars(project=True).paths(Path("1936.color.2.jpg"))] == ["1936.2.photochrom.json"]
    assert Sidecars().paths(Path("1936.color.jpg")) == []


def test_what_the_network_cannot_do_is_said_before_any_photo_is_opened(folder, tmp_path, colorizer, reference):
    colorizer.card.outputs = ["ab"]
    options = ColorizeOptions(reference=reference)
    for given, code in (({"beside": BOTH}, "batch.no_confidence"), ({"options": options}, "batch.no_features")):
        with pytest.raises(OptionError) as caught:
            colorize_files([folder], tmp_path / "out", colorizer=colorizer, **given)
        assert caught.value.code == code
    colorizer.card.outputs = ["ab", "confidence", "features"]
    with pytest.raises(OptionError):
        colorize_files(
            [folder], tmp_path / "out", colorizer=colorizer, options=ColorizeOptions(reference=folder / "1.png")
        )
    assert colorizer.seen == []
