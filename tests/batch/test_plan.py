import os
from pathlib import Path

import numpy as np
import pytest

from photochrom.batch import plan_jobs
from photochrom.errors import NoInputError, OptionError
from photochrom.image_io import read_picture


@pytest.fixture
def touch(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def make(*names):
        for name in names:
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode())

    return make


def mark(name):
    """Writes a photo that bears our mark."""
    picture = read_picture(np.zeros((4, 4), np.uint8))
    colored = picture.with_colors([np.zeros((4, 4, 3), np.uint8)], model="tiny")
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(colored.to_bytes("JPEG"))


def pairs(inputs, output=None):
    return [(job.source.as_posix(), job.target.as_posix()) for job in plan_jobs(inputs, output).jobs]


def test_one_file_goes_beside_itself(touch):
    touch("a b/photo.old.jpg")
    assert pairs(["a b/photo.old.jpg"]) == [("a b/photo.old.jpg", "a b/photo.old.color.jpg")]


@pytest.mark.parametrize(
    ("output", "target"),
    [("c.png", "c.png"), ("new/", "new/a.jpg"), ("there", "there/a.jpg"), ("x/y/c.tif", "x/y/c.tif")],
)
def test_one_file_with_an_output(touch, output, target):
    touch("a.jpg")
    Path("there").mkdir()
    assert pairs(["a.jpg"], output) == [("a.jpg", target)]


def test_a_folder_is_mirrored(touch):
    touch("in/b.jpg", "in/deep/er/a.TIF", "in/notes.txt", "in/a.png")
    assert pairs(["in"], "out") == [
        ("in/a.png", "out/a.png"),
        ("in/b.jpg", "out/b.jpg"),
        ("in/deep/er/a.TIF", "out/deep/er/a.TIF"),
    ]


def test_several_folders_keep_their_names(touch):
    touch("1936/a.jpg", "1937/a.jpg", "b.jpg")
    assert pairs(["1936", "1937/", "b.jpg"], "out") == [
        ("1936/a.jpg", "out/1936/a.jpg"),
        ("1937/a.jpg", "out/1937/a.jpg"),
        ("b.jpg", "out/b.jpg"),
    ]


def test_hidden_files_and_our_own_leavings_are_no_inputs(touch):
    touch("in/a.jpg", "in/.hidden.jpg", "in/._a.jpg", "in/.git/x.jpg", "in/.a.jpg.1.photochrom-part")
    touch("in/a.confidence.png", "in/a.photochrom.json", "in/photochrom-report.json")
    mark("in/a.color.jpg")
    assert pairs(["in"]) == [("in/a.jpg", "in/a.color.jpg")]
    assert plan_jobs(["in"]).left_out == {}
    assert plan_jobs(["in"]).results == 2


def test_the_output_folder_inside_the_input_is_left_out(touch):
    touch("in/a.jpg", "in/colour/a.jpg", "in/colour/deep/b.jpg")
    expected = [("in/a.jpg", "in/colour/a.jpg")]
    assert pairs(["in"], "in/colour") == expected
    Path("link").symlink_to("in/colour")
    assert pairs(["in"], "link") == [("in/a.jpg", "link/a.jpg")]
    assert pairs(["in/**/*.jpg"], "in/colour") == expected


def test_patterns_are_expanded_here(touch):
    touch("in/a1.jpg", "in/a2.jpg", "in/b.jpg", "in/deep/a3.jpg", "in/a.txt")
    assert pairs(["in/a*"], "out") == [("in/a1.jpg", "out/a1.jpg"), ("in/a2.jpg", "out/a2.jpg")]
    assert [target for _, target in pairs(["in/**/*.jpg"], "out")] == [
        "out/a1.jpg", "out/a2.jpg", "out/b.jpg", "out/deep/a3.jpg",
    ]  # fmt: skip
    assert pairs(["i?/b.jpg"], "one.jpg") == [("in/b.jpg", "one.jpg")]
    here = Path.cwd().as_posix()
    assert pairs([f"{here}/in/d*"], "out") == [(f"{here}/in/deep/a3.jpg", "out/deep/a3.jpg")]


def test_a_name_that_exists_is_no_pattern(touch):
    touch("a[1].jpg", "a1.jpg")
    assert pairs(["a[1].jpg"]) == [("a[1].jpg", "a[1].color.jpg")]


def test_the_shells_star_in_a_second_run_skips_outputs(touch):
    touch("a.jpg", "b.color.jpg")
    mark("a.color.jpg")
    assert pairs(["a.color.jpg", "a.jpg", "b.color.jpg"]) == [
        ("a.jpg", "a.color.jpg"),
        ("b.color.jpg", "b.color.color.jpg"),
    ]
    assert pairs(["a.color.jpg"]) == [("a.color.jpg", "a.color.color.jpg")]


def test_links_in_a_circle_end(touch):
    touch("in/a.jpg", "elsewhere/b.jpg")
    Path("in/circle").symlink_to("../in")
    Path("in/other").symlink_to("../elsewhere")
    Path("elsewhere/back").symlink_to("../in")
    assert pairs(["in"], "out") == [("in/a.jpg", "out/a.jpg"), ("in/other/b.jpg", "out/other/b.jpg")]


def test_a_folder_named_twice_is_done_once(touch):
    touch("in/a.jpg")
    assert len(pairs(["in", "in", "in/a.jpg"])) == 1


@pytest.mark.parametrize("inputs", [["in"], ["in", "in2"]])
def test_nothing_found(touch, inputs):
    touch("in/notes.txt", "in2/.b.jpg")
    with pytest.raises(NoInputError) as caught:
        plan_jobs(inputs, "out")
    assert caught.value.code == "batch.no_photo"


@pytest.mark.parametrize(
    ("name", "code"),
    [("gone.jpg", "batch.not_found"), ("*.tif", "batch.pattern_unmatched"), ("film.MP4", "batch.is_video")],
)
def test_what_cannot_be_coloured_is_a_job_with_a_problem(touch, name, code):
    touch("a.jpg", "film.MP4")
    good, bad = plan_jobs(["a.jpg", name], "out").jobs
    assert good.problem is None
    assert bad.problem.code == code


def test_a_pipe_among_photos_is_not_opened(touch):
    touch("in/a.jpg")
    os.mkfifo("in/b.jpg")
    problems = [job.problem for job in plan_jobs(["in"]).jobs]
    assert problems[0] is None
    assert problems[1].code == "batch.not_a_file"


def test_two_files_that_would_become_one(touch):
    touch("x/a.jpg", "y/a.jpg", "x/a.png")
    assert len(pairs(["x/a.jpg", "x/a.png"], "out")) == 2
    with pytest.raises(OptionError) as caught:
        plan_jobs(["x/a.jpg", "y/a.jpg"], "out")
    assert caught.value.code == "batch.output_shared"
    assert caught.value.details == {"first": Path("x/a.jpg"), "second": Path("y/a.jpg"), "path": Path("out/a.jpg")}


@pytest.mark.parametrize(
    ("inputs", "output"),
    [(["in"], "in"), (["in"], "link"), (["in/a.jpg"], "in/a.jpg"), (["in/a.jpg"], "hard.jpg"), (["in/*.jpg"], "in/")],
)
def test_an_output_that_is_an_input(touch, inputs, output):
    touch("in/a.jpg", "in/b.jpg")
    Path("link").symlink_to("in")
    Path("hard.jpg").hardlink_to("in/a.jpg")
    with pytest.raises(OptionError) as caught:
        plan_jobs(inputs, output)
    assert caught.value.code == "batch.output_is_input"


@pytest.mark.parametrize(
    ("inputs", "output", "code"),
    [
        (["in"], "file.txt", "batch.output_is_file"),
        (["in"], "all.jpg", "batch.output_not_a_folder_name"),
        (["in/a.jpg"], "coloured", "batch.output_suffix"),
        (["in/a.jpg"], "", "batch.name_empty"),
        ([""], "out", "batch.name_empty"),
    ],
)
def test_outputs_that_make_no_sense(touch, inputs, output, code):
    touch("in/a.jpg", "file.txt")
    with pytest.raises(OptionError) as caught:
        plan_jobs(inputs, output)
    assert caught.value.code == code


def test_where_the_report_goes(touch):
    touch("in/a.jpg", "in/b.jpg")
    assert plan_jobs(["in"], "out").report == Path("out/photochrom-report.json")
    assert plan_jobs(["in"]).report == Path("in/photochrom-report.json")
    assert plan_jobs(["in/a.jpg", "in/b.jpg"], "out").report == Path("out/photochrom-report.json")
    assert plan_jobs(["in/a.jpg", "in/b.jpg"]).report is None
    assert plan_jobs(["in/a.jpg"], "out/").report is None


def test_an_unreadable_folder_is_told(touch, monkeypatch):
    touch("in/a.jpg", "in/shut/b.jpg")
    listing = os.scandir

    def scandir(folder):
        if Path(folder).name == "shut":
            raise PermissionError(13, "Permission denied")
        return listing(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    good, bad = plan_jobs(["in"], "out").jobs
    assert (good.problem, bad.source.as_posix()) == (None, "in/shut")
    assert bad.problem.code == "batch.folder_unreadable"
