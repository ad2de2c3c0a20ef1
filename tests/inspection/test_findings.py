"""What is found in a photo, and what is drawn of it."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data
from skimage.color import rgb2lab

from photochrom import Colorizer
from photochrom.errors import OptionError, OutputExistsError, UnreadablePictureError
from photochrom.inspection import PAGE, Findings, look_inside, write_page
from photochrom.inspection.analyze import has_colors
from photochrom.inspection.visualize import chroma_ramp, colors_alone, in_color

pytest.importorskip("onnx", reason="looking inside needs the train extra")
COFFEE = data.coffee()[:, 100:500]


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "coffee.png"
    Image.fromarray(COFFEE).save(path)
    return path


@pytest.fixture(scope="module")
def findings(photo: Path) -> Findings:
    return look_inside(photo, input_size=128)


def test_planes_are_those_of_the_photo_and_of_the_answer(findings: Findings, photo: Path) -> None:
    assert findings.lightness.shape == (128, 128)
    assert findings.truth is not None
    lab = rgb2lab(np.asarray(Image.fromarray(COFFEE).resize((128, 128), Image.Resampling.LANCZOS)))
    assert np.abs(findings.lightness - lab[..., 0]).mean() < 1.0
    assert np.abs(findings.truth - np.moveaxis(lab[..., 1:], -1, 0)).mean() < 1.0
    made = rgb2lab(np.asarray(Colorizer()(photo, input_size=128).to_pil().resize((128, 128), Image.Resampling.LANCZOS)))
    assert np.abs(findings.ab - np.moveaxis(made[..., 1:], -1, 0)).mean() < 2.0
    assert findings.error is not None
    assert np.isclose(findings.error[3, 5], np.linalg.norm(findings.ab[:, 3, 5] - findings.truth[:, 3, 5]))


def test_the_point_is_the_least_certain_one_unless_given(findings: Findings, photo: Path) -> None:
    point = findings.point
    assert point is not None
    assert findings.confidence is not None
    assert point.confidence <= np.percentile(findings.confidence, 2)
    assert np.isclose(point.probability.sum(), 1.0, atol=1e-4)
    given = look_inside(photo, input_size=128, at=(20, 390)).point
    assert given is not None
    assert (given.x, given.y) == (20, 390)
    assert given.truth is not None
    assert np.linalg.norm(given.truth - rgb2lab(COFFEE[388:392, 18:22] / 255).mean((0, 1))[1:]) < 8
    with pytest.raises(OptionError):
        look_inside(photo, input_size=128, at=(20, 900))


def test_a_gray_and_a_toned_photo_have_no_truth() -> None:
    lab = np.moveaxis(rgb2lab(COFFEE / 255), -1, 0).astype(np.float32)
    assert has_colors(lab[0], lab[1:])
    assert not has_colors(lab[0], 0 * lab[1:])
    sepia = np.stack([0.1 * lab[0], 12 + 0.2 * lab[0]]).astype(np.float32)
    assert not has_colors(lab[0], sepia)


def test_a_network_with_one_answer_has_no_point(tiny_network: Callable[[str], Any], photo: Path) -> None:
    zhang = tiny_network("zhang_regression").path
    found = look_inside(photo, model=zhang, input_size=64)
    assert found.point is None
    assert found.confidence is None
    assert found.error is not None
    with pytest.raises(OptionError) as caught:
        look_inside(photo, model=zhang, at=(1, 1))
    assert caught.value.code == "inspection.point_unavailable"


def test_the_folder_holds_sheets_and_one_page_with_all_of_them(findings: Findings, tmp_path: Path) -> None:
    page = write_page(findings, tmp_path / "inside", overwrite=False)
    names = {path.name for path in page.parent.iterdir()}
    assert names == {PAGE, "colours.png", "planes.png", "point.png", "layers.png"}
    for name in names - {PAGE}:
        with Image.open(page.parent / name) as sheet:
            pixels = np.asarray(sheet.convert("RGB"))
        assert pixels.shape[1] == 1320
        assert pixels.std() > 20
    text = page.read_text(encoding="utf-8")
    assert len(re.findall(r'src="data:image/png;base64,', text)) == 4
    assert not re.search(r'(src|href)="(?!data:)', text)
    assert "photochrom_fast" in text
    before = page.read_bytes()
    with pytest.raises(OutputExistsError) as caught:
        write_page(findings, page.parent, overwrite=False)
    assert caught.value.code == "inspection.page_exists"
    with pytest.raises(OutputExistsError) as caught:
        write_page(findings, page, overwrite=False)
    assert caught.value.code == "inspection.folder_is_file"
    # the same findings make the same files
    write_page(findings, page.parent, overwrite=True)
    assert page.read_bytes() == before


def test_a_user_style_of_matplotlib_changes_nothing(findings: Findings) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    from photochrom.inspection.canvas import own_style
    from photochrom.inspection.point_plot import draw_point

    def draw() -> bytes:
        assert findings.point is not None
        with own_style():
            return draw_point(findings, findings.point)

    plain = draw()
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 30}):
        styled = draw()
        assert matplotlib.rcParams["font.size"] == 30
    assert Image.open(BytesIO(plain)).tobytes() == Image.open(BytesIO(styled)).tobytes()


def test_colours_alone_have_one_lightness() -> None:
    ab = np.stack(np.meshgrid(np.linspace(-60, 60, 30), np.linspace(-60, 60, 30))).astype(np.float32)
    assert np.ptp(rgb2lab(colors_alone(ab) / 255)[..., 0]) < 1.0
    gray = in_color(np.full((2, 2), 50, np.float32), np.zeros((2, 2, 2), np.float32))
    assert np.ptp(gray) == 0
    for axis in (0, 1):
        ramp = rgb2lab(chroma_ramp(axis)[None])[0, :, 1 + axis]
        assert ramp[0] < -30
        assert ramp[-1] > 30


def test_a_photo_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePictureError):
        look_inside(tmp_path / "absent.jpg")


def test_the_old_keyword_works_with_a_warning(photo: Path, findings: Findings) -> None:
    with pytest.warns(DeprecationWarning, match="^size of"):
        old = look_inside(photo, size=128)  # type: ignore[call-arg]
    assert np.array_equal(old.ab, findings.ab)
