"""Hints hold through their whole shot, and a colour photo lends a film its colours."""

import numpy as np
import pytest
import skimage.data
from PIL import Image

from photochrom.color.conversion import srgb_to_lab
from photochrom.errors import InputError, OptionError
from photochrom.hints import Hint
from photochrom.video.api import colorize_video
from photochrom.video.guidance import references
from photochrom.video.guidance.hints import VideoHint
from photochrom.video.guidance.references import VideoReference, parse_reference

av = pytest.importorskip("av", reason="films need the video extra")
OPTIONS = {"input_size": 128, "codec": "ffv1"}
COUNT, SHAPE = 40, (128, 192)


@pytest.fixture(scope="module")
def true_frames():
    """A slow pan over a photo in colour, and from frame 20 on over another: (n,H,W,3) uint8."""
    photos = [
        Image.fromarray(pixels).resize((SHAPE[1] + 60, SHAPE[0] + 8))
        for pixels in (skimage.data.coffee(), skimage.data.chelsea())
    ]
    whole = [np.asarray(photo) for photo in photos]
    return np.stack([whole[n // 20][4 : 4 + SHAPE[0], n : n + SHAPE[1]] for n in range(COUNT)])


@pytest.fixture(scope="module")
def film(true_frames, tmp_path_factory, write_gray_film):
    """The same without colour."""
    return write_gray_film(tmp_path_factory.mktemp("film") / "gray.mkv", true_frames)


@pytest.fixture(scope="module")
def plain(film, tmp_path_factory):
    out = tmp_path_factory.mktemp("plain") / "plain.mkv"
    colorize_video(film, out, **OPTIONS)
    return colors(out)


def ab_of(frames):
    """(n,2,H,W) of (n,H,W,3) uint8."""
    return srgb_to_lab(np.moveaxis(frames, -1, 1).astype(np.float32) / 255)[:, 1:]


def colors(path):
    with av.open(str(path)) as found:
        return ab_of(np.stack([frame.to_ndarray(format="rgb24") for frame in found.decode(video=0)]))


def errors(ab, true_frames):
    return np.hypot(*(ab - ab_of(true_frames)).swapaxes(0, 1)).mean((1, 2))


def test_a_hint_holds_before_its_frame_too(film, plain, tmp_path):
    out = tmp_path / "out.mkv"
    # on what lies 20 pixels further left at the end of the shot than at its beginning
    hint = VideoHint(Hint(80, 64, "#2040ff", radius=16), frame=16)
    colorize_video(film, out, **OPTIONS, hints=[hint])
    change = np.hypot(*(colors(out) - plain).swapaxes(0, 1))
    assert change[16, 58:70, 74:86].mean() > 5
    assert change[0, 58:70, 90:102].mean() > 5
    assert change[20:].max() == 0


def test_a_photo_lends_its_colours(film, plain, true_frames, tmp_path):
    photo, out = tmp_path / "photo.png", tmp_path / "out.mkv"
    Image.fromarray(true_frames[4]).save(photo)
    report = colorize_video(film, out, **OPTIONS, references=[VideoReference(photo)])
    assert any(note.startswith("photo.png: ") and "matches in" in note for note in report.notes)
    before, after = errors(plain, true_frames), errors(colors(out), true_frames)
    assert after[:20].mean() < 0.75 * before[:20].mean()
    assert after[20:].mean() < before[20:].mean() + 2


def test_a_photo_for_one_shot_leaves_the_others(film, plain, true_frames, tmp_path):
    photo, out = tmp_path / "photo.png", tmp_path / "out.mkv"
    Image.fromarray(true_frames[30]).save(photo)
    report = colorize_video(film, out, **OPTIONS, references=[VideoReference(photo, 1.2)], jobs=2)
    assert "in 1 of 2 shots" in report.notes[0]
    made = colors(out)
    assert np.array_equal(made[:20], plain[:20])
    assert errors(made, true_frames)[20:].mean() < 0.75 * errors(plain, true_frames)[20:].mean()


def test_a_reference_that_cannot_be_used(film, true_frames, tmp_path):
    gray, photo = tmp_path / "gray.png", tmp_path / "photo.png"
    Image.fromarray(true_frames[4]).convert("L").save(gray)
    Image.fromarray(true_frames[4]).save(photo)
    for reference, error, code in (
        (VideoReference(gray), OptionError, None),
        (VideoReference(tmp_path / "none.png"), OptionError, "video.reference_unreadable"),
        (VideoReference(film), InputError, None),
        (VideoReference(photo, 99.0), OptionError, "video.time_outside"),
    ):
        with pytest.raises(error) as caught:
            colorize_video(film, tmp_path / "out.mkv", **OPTIONS, references=[reference])
        # the other codes are not those of films
        assert code in (None, caught.value.code)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gray.png", "photo.png"]


def test_how_a_reference_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert parse_reference("a.jpg") == VideoReference(tmp_path.__class__("a.jpg"))
    assert parse_reference("a.jpg@0:01:30.5").time == 90.5
    assert parse_reference("me@home.jpg@3").photo.name == "me@home.jpg"
    (tmp_path / "b@3").touch()
    assert parse_reference("b@3").time is None
    with pytest.raises(OptionError) as caught:
        parse_reference("a.jpg@noon")
    assert caught.value.code == "video.time_unreadable"


def test_the_old_name_of_a_reference_works_with_a_warning():
    with pytest.warns(DeprecationWarning, match="VideoReference"):
        assert references.FilmReference is VideoReference
    with pytest.raises(AttributeError):
        references.Photo  # noqa: B018
