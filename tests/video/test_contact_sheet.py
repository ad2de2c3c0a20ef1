"""A page with a frame of every shot, from which a film is steered."""

import json
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import skimage.data
from PIL import Image

from photochrom.errors import OutputExistsError
from photochrom.hints import Hint
from photochrom.video.api import colorize_video
from photochrom.video.contact_sheet import write_contact_sheet
from photochrom.video.guidance.guidance import VideoGuidance
from photochrom.video.guidance.hints import VideoHint
from photochrom.video.options import VideoOptions

av = pytest.importorskip("av", reason="films need the video extra")
OPTIONS = VideoOptions(input_size=128)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Two shots of ten frames, with a name that a page must not take for its own."""
    path = tmp_path_factory.mktemp("film") / "a<b>.mkv"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("ffv1", rate=Fraction(25))
        stream.height, stream.width, stream.pix_fmt = 96, 144, "gray"
        for name in ("coffee", "chelsea"):
            gray = np.asarray(Image.fromarray(getattr(skimage.data, name)()).convert("L").resize((144, 96)))
            for _ in range(10):
                output.mux(stream.encode(av.VideoFrame.from_ndarray(gray, format="gray")))
        output.mux(stream.encode(None))
    return path


def test_a_frame_of_every_shot_as_the_film_will_be(film, tmp_path):
    shots = write_contact_sheet(film, tmp_path / "look", options=OPTIONS)
    assert [shot.frame for shot in shots] == [5, 15]
    colorize_video(film, tmp_path / "out.mkv", input_size=128, codec="ffv1")
    with av.open(str(tmp_path / "out.mkv")) as found:
        frames = [frame.to_ndarray(format="rgb24").astype(float) for frame in found.decode(video=0)]
    for number, shot in enumerate(shots, 1):
        colored = np.asarray(Image.open(tmp_path / "look" / f"shot-{number:04}.png")).astype(float)
        # the film's chroma is halved, and its colours come by the frames before
        assert abs(colored - frames[shot.frame]).mean() < 3
        with Image.open(tmp_path / "look" / "gray" / f"shot-{number:04}.png") as gray:
            assert gray.mode == "L"
    page = (tmp_path / "look" / "index.html").read_text()
    assert "a&lt;b&gt;.mkv" in page
    assert "<b>" not in page


def test_a_shot_is_shown_where_it_has_a_hint(film, tmp_path):
    guidance = VideoGuidance([VideoHint(Hint(72, 48, "#2040ff", radius=20), frame=12)])
    plain = write_contact_sheet(film, tmp_path / "plain", options=OPTIONS)
    hinted = write_contact_sheet(film, tmp_path / "hinted", options=OPTIONS, guidance=guidance)
    assert [shot.frame for shot in hinted] == [plain[0].frame, 12]
    before, after = (np.asarray(Image.open(tmp_path / name / "shot-0002.png")) for name in ("plain", "hinted"))
    assert abs(after.astype(float) - before)[40:56, 60:84].mean() > 15


def test_nothing_of_anybody_is_replaced(film, tmp_path):
    (tmp_path / "mine.png").write_bytes(b"mine")
    for folder in (tmp_path, tmp_path / "mine.png"):
        with pytest.raises(OutputExistsError) as caught:
            write_contact_sheet(film, folder, options=OPTIONS, overwrite=True)
        assert caught.value.code == "video.sheet_exists"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.png"]


@pytest.mark.browser
def test_clicks_become_hints_that_the_command_takes(film, tmp_path, browser):
    command = [sys.executable, "-m", "photochrom", "video", film, "--input-size", "128"]
    subprocess.run([*command, "--contact-sheet", tmp_path / "look"], check=True, capture_output=True)
    again = [*command, "--contact-sheet", tmp_path / "look"]
    refused = subprocess.run(again, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert refused.stdout == ""
    subprocess.run([*again, "--overwrite"], check=True, capture_output=True)
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto((tmp_path / "look" / "index.html").as_uri())
    page.get_by_label("Colour", exact=True).fill("#2040ff")
    page.get_by_role("button", name="Give a colour in shot 2").click()
    hints = json.loads(page.get_by_label("Hints", exact=True).input_value())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
    assert complaints == []
    assert [(hint["frame"], hint["x"], hint["y"], hint["color"]) for hint in hints] == [(15, 72, 48, "#2040ff")]
    (tmp_path / "hints.json").write_text(json.dumps(hints))
    out = tmp_path / "out.mkv"
    subprocess.run([*command, "-o", out, "--hints", tmp_path / "hints.json"], check=True, capture_output=True)
    assert out.exists()
