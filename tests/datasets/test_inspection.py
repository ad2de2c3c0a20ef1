import json
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image, ImageOps

from photochrom.cli.main import main
from photochrom.color.conversion import ab_bins
from photochrom.datasets.build.inspect import Inspection, inspect_photos
from photochrom.datasets.build.report import FILES, check_free
from photochrom.datasets.sources.photo_set import fingerprint, open_photos
from photochrom.errors import OutputExistsError, WriteError
from photochrom.training.data.color_prior import measure_prior


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos of several sizes, and among them what a set should not hold."""
    root = tmp_path_factory.mktemp("album")
    cup, cat, person = (
        Image.fromarray(p) for p in (skimage.data.coffee(), skimage.data.chelsea(), skimage.data.astronaut())
    )
    for name, photo in {
        "things/cup.jpg": cup,
        "things/cup again.jpg": cup.resize((300, 200)),
        "animals/cat.png": cat,
        "people/person.jpg": person,
        "people/gray.jpg": person.convert("L").transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "people/faint.jpg": Image.blend(cat.convert("L").convert("RGB"), cat, 0.08).rotate(90, expand=True),
        "people/sepia.jpg": ImageOps.colorize(cat.convert("L").rotate(180), "#201008", "#fff8e0", "#a08050"),
    }.items():
        (root / name).parent.mkdir(exist_ok=True)
        photo.save(root / name)
    (root / "people" / "torn <b>.jpg").write_bytes((root / "people" / "person.jpg").read_bytes()[:3000])
    return root


@pytest.fixture(scope="module")
def found(album: Path) -> Inspection:
    return inspect_photos(open_photos([str(album)]))


def names(album: Path, paths: list[str]) -> list[str]:
    return [str(Path(path).relative_to(album)) for path in paths]


def test_what_does_not_belong_is_named(album: Path, found: Inspection) -> None:
    summary = found.summary()
    assert summary["photos"] == summary["looked_at"] == 8
    assert names(album, list(summary["unreadable"])) == ["people/torn <b>.jpg"]
    gray = {kind: names(album, paths) for kind, paths in summary["gray"].items()}
    assert gray == {"gray": ["people/gray.jpg"], "nearly gray": ["people/faint.jpg"], "one hue": ["people/sepia.jpg"]}
    assert [names(album, group) for group in summary["near_duplicates"]] == [["things/cup again.jpg", "things/cup.jpg"]]
    assert summary["fingerprint"] == fingerprint(open_photos([str(album)]))


def test_sizes_and_sources_are_counted(found: Inspection) -> None:
    summary = found.summary()
    assert summary["short_side"]["least"] == 200
    assert summary["short_side"]["most"] == 512
    assert summary["sizes"]["451x300"] == 2
    people = summary["sources"]["people"]
    assert (people["photos"], people["gray"], people["unreadable"]) == (5, 2, 1)
    assert summary["sources"]["things"]["chroma"] > 20 > people["chroma"] > 1
    # coffee in a red cup, a ginger cat: between pink and yellow
    assert sum(summary["hues"]) == pytest.approx(1, abs=0.01)
    assert sum(summary["hues"][:8]) > 0.8


def test_the_prior_is_the_one_a_training_measures(album: Path, found: Inspection, tmp_path: Path) -> None:
    for path in album.rglob("*"):
        if path.is_file() and "torn" not in path.name:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    bins = torch.from_numpy(ab_bins())
    photos = open_photos([str(tmp_path)])
    prior = measure_prior(photos, bins, limit=len(photos))
    # a training reduces with another filter
    assert np.abs(found.prior - prior.numpy()).sum() < 0.02
    assert found.prior.sum() == pytest.approx(1)


def test_several_processes_find_what_one_finds(album: Path, found: Inspection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photochrom.datasets.build.inspect.CHUNK", 2)
    seen = []
    other = inspect_photos(open_photos([str(album)]), jobs=2, progress=lambda done, of: seen.append((done, of)))
    assert other.summary() == found.summary()
    assert np.allclose(other.prior, found.prior, rtol=1e-9)
    assert seen == [(2, 8), (4, 8), (6, 8), (8, 8)]
    for ours, theirs in zip(found.sheet, other.sheet, strict=True):
        assert ours[:2] == theirs[:2]
        assert np.array_equal(ours[2], theirs[2])


def test_sets_in_lab_are_looked_at_too(pairs: Path, folder: Path) -> None:
    lab, srgb = (inspect_photos(open_photos([str(place)])).summary() for place in (pairs, folder))
    assert lab["chroma"]["mean"] == pytest.approx(srgb["chroma"]["mean"], abs=0.3)
    assert lab["sizes"] == srgb["sizes"] == {"64x48": 12}


def test_the_page_and_its_files(album: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report"
    assert main(["dataset", "inspect", str(album), "-o", str(out), "-j", "1"]) == 0
    told = capsys.readouterr()
    assert "photos       8\n" in told.out
    assert "1 gray, 1 nearly gray, 1 one hue" in told.out
    assert "torn <b>.jpg'" in told.err
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert json.loads((out / "inspection.json").read_text())["photos"] == 8
    page = (out / "index.html").read_text()
    assert "torn &lt;b&gt;.jpg" in page
    assert "<b>" not in page
    with np.load(out / "prior.npz") as kept:
        assert kept["prior"].sum() == pytest.approx(1)
        assert np.array_equal(kept["bins"], ab_bins())
    sheet = np.asarray(Image.open(out / "contact-sheet.png").convert("RGB"))
    assert sheet.std() > 30
    assert Image.open(out / "prior.png").size > (600, 400)
    # not again over what is there
    assert main(["dataset", "inspect", str(album), "-o", str(out), "-j", "1"]) == 1
    assert "index.html" in capsys.readouterr().err
    assert main(["dataset", "inspect", str(album), "-o", str(out), "-j", "1", "--limit", "3", "--overwrite"]) == 0
    assert "photos       8, 3 looked at" in capsys.readouterr().out


def test_nothing_readable_is_said_and_no_crash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.png").write_bytes(b"nothing")
    assert main(["dataset", "inspect", str(tmp_path / "set"), "-o", str(tmp_path / "out")]) == 0
    assert "unreadable   1" in capsys.readouterr().out
    assert (tmp_path / "out" / "index.html").is_file()
    assert main(["dataset", "inspect", str(tmp_path / "absent")]) == 1
    assert "absent'" in capsys.readouterr().err


def test_a_report_needs_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, check=lambda error: error.code == "dataset.folder_unwritable"):
        check_free(tmp_path / "file" / "report", overwrite=False)
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(OutputExistsError, check=lambda error: error.code == "dataset.output_exists"):
        check_free(tmp_path, overwrite=False)
