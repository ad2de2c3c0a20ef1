"""The page that colours in the browser: strokes, and project files that the library reads and writes too."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photochrom.hints import Hint
from photochrom.options import ColorizeOptions
from photochrom.project import ModelMark, Project, identify, read_project
from photochrom.registry import find_model


def test_a_stroke_is_drawn_kept_in_a_project_and_opened_again(visit: Any, tmp_path: Path, write_photo: Any) -> None:
    page, photo = visit.page, write_photo(tmp_path / "hill.png")
    visit.choose(photo)
    before = visit.colors()
    page.click("#tool-hint")
    page.click("#shapes [data-shape=stroke]")
    box = page.locator("#sheet").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.8 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.8 * box["height"], steps=6)
    assert page.locator("#shapes-drawn polyline").count() == 2
    page.mouse.up()
    page.fill("#hint-code", "#c03020")
    page.locator("#hint-code").press("Enter")
    visit.settle()
    page.click("#editor .primary")
    assert page.locator("#pins .pin").count() == 1
    assert page.locator("#shapes-drawn circle").count() > 10
    after = visit.colors()
    # red all along it, and not above
    redder = (after - before)[..., 0] - (after - before)[..., 2]
    assert redder[192, 70:250:20].min() > 20
    assert np.abs(redder[20]).mean() < 20

    page.click("#save-more")
    saved = tmp_path / "saved.photochrom.json"
    saved.write_bytes(visit.save("#save-project"))
    assert visit.name == "hill.photochrom.json"
    project = read_project(saved.read_bytes())
    assert project.source.sha256 == identify(photo).sha256
    assert project.model.sha256 == find_model(project.model.name).card.sha256
    assert len(project.options.hints) > 10

    # one of the library's own is opened for the photo that is here
    options = ColorizeOptions(vividness=1.5, hints=(Hint(x=160, y=200, color="#3050c0", radius=8),))
    written = Project(source=identify(photo), model=project.model, options=options)
    page.locator("#project-file").set_input_files(str(written.save(tmp_path / "blue.photochrom.json")))
    page.wait_for_function("() => document.getElementById('vividness').value === '1.5'")
    visit.settle()
    assert page.locator("#shapes-drawn circle").count() == 0
    assert visit.colors()[200, 160, 2] > visit.colors()[200, 160, 0] + 20

    # on another visit the photo is asked for, and no other will do
    page.reload()
    visit.ready()
    page.locator("#project-file").set_input_files(str(saved))
    page.locator("#project-photo").set_input_files(str(write_photo(tmp_path / "other.png", size=(200, 150))))
    page.locator(".alert", has_text="is not the photo of the project").wait_for()
    page.locator("#project-file").set_input_files(str(saved))
    page.locator("#project-photo").set_input_files(str(photo))
    visit.settle()
    page.wait_for_selector("#pins .pin", state="attached")
    visit.settle()
    assert np.abs(visit.colors() - after).mean() < 1e-3
    assert page.locator("#shapes-drawn circle").count() > 10


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": ModelMark(name="photochrom_fast", sha256="0" * 64)}, "another version of the network"),
        ({"options": ColorizeOptions(auto_contrast=True)}, "does not have"),
        ({}, "is not a project"),
    ],
)
def test_a_project_that_cannot_be_opened_here_is_refused(
    visit: Any, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    model = ModelMark(name="photochrom_fast", sha256=find_model("photochrom_fast").card.sha256)
    path = tmp_path / "a.photochrom.json"
    entries: dict[str, Any] = {"source": identify(b"a photo", name="a.png"), "model": model, **change}
    Project(**entries).save(path)
    if not change:
        path.write_text("{}")
    visit.page.locator("#project-file").set_input_files(str(path))
    visit.page.locator(".alert", has_text=words).wait_for()
