"""Frames that were coloured elsewhere lend their shots their colours."""

import subprocess
import sys

import numpy as np
import pytest
import skimage.data
from PIL import Image

from photochrom.errors import InputError, OptionError
from photochrom.hints import Hint
from photochrom.video.api import colorize_video
from photochrom.video.guidance.colored_frames import list_colored_frames
from photochrom.video.guidance.hints import VideoHint

av = pytest.importorskip("av", reason="films need the video extra")
OPTIONS = {"input_size": 128, "codec": "ffv1"}
SHAPE = (128, 192)


@pytest.fixture(scope="module")
def true_frames():
    """Three pans of ten frames over photos in colour: (n,H,W,3) uint8."""
    frames = []
    for name in ("coffee", "chelsea", "astronaut"):
        whole = np.asarray(Image.fromarray(getattr(skimage.data, name)()).resize((SHAPE[1] + 30, SHAPE[0] + 8)))
        frames += [whole[4 : 4 + SHAPE[0], n : n + SHAPE[1]] for n in range(10)]
    return np.stack(frames)


@pytest.fixture(scope="module")
def film(true_frames, tmp_path_factory, write_gray_film):
    return write_gray_film(tmp_path_factory.mktemp("film") / "gray.mkv", true_frames)


@pytest.fixture(scope="module")
def folder(true_frames, tmp_path_factory):
    """A frame of the first shot, in odd colours and enlarged; one of the second at half its size; and strangers."""
    path = tmp_path_factory.mktemp("frames")
    Image.fromarray(true_frames[6][..., [1, 2, 0]]).resize((300, 200)).save(path / "a.png")
    Image.fromarray(true_frames[14]).resize((96, 64)).save(path / "b.jpg", quality=85)
    Image.fromarray(true_frames[25]).convert("L").save(path / "gray.png")
    Image.fromarray(skimage.data.rocket()).resize((192, 128)).save(path / "rocket.png")
    Image.fromarray(true_frames[25][:, :100]).save(path / "narrow.png")
    (path / "notes.txt").write_text("not a picture")
    return path


def colors(path):
    with av.open(str(path)) as found:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in found.decode(video=0)]).astype(float)


def test_each_shot_takes_the_colours_of_its_own_frame(film, folder, true_frames, tmp_path):
    plain, steered = tmp_path / "plain.mkv", tmp_path / "steered.mkv"
    colorize_video(film, plain, **OPTIONS)
    report = colorize_video(film, steered, **OPTIONS, colored_frames=list_colored_frames(folder))
    before, after = colors(plain), colors(steered)
    # the first shot has the odd colours, though their lightness is not quite the film's
    wanted = true_frames[..., [1, 2, 0]].astype(float)
    assert abs(after[:10] - wanted[:10]).mean() < 0.6 * abs(before[:10] - wanted[:10]).mean()
    assert abs(after[10:20] - true_frames[10:20]).mean() < 0.6 * abs(before[10:20] - true_frames[10:20]).mean()
    assert np.array_equal(after[20:], before[20:])
    for words in ("a.png is the frame at 0:00:00.240", "b.jpg is the frame at 0:00:00.560, and lends shot 2"):
        assert any(note.startswith(words) for note in report.notes)
    for name in ("gray.png", "rocket.png", "narrow.png"):
        assert any(note.startswith(f"{name} was left out") for note in report.notes)


def test_a_frame_of_a_shot_that_is_not_coloured(film, folder, tmp_path):
    report = colorize_video(film, tmp_path / "a.mkv", **OPTIONS, preview_every=2, colored_frames=[folder / "b.jpg"])
    assert any("a frame of shot 2, which is not coloured" in note for note in report.notes)


def test_a_folder_that_cannot_be_used(film, folder, tmp_path):
    for path, code in ((tmp_path / "none", "not_a_folder"), (tmp_path, "empty"), (film, "not_a_folder")):
        with pytest.raises(OptionError) as caught:
            list_colored_frames(path)
        assert caught.value.code == f"video.references_{code}"
    broken = tmp_path / "broken.png"
    broken.write_bytes((folder / "a.png").read_bytes()[:500])
    for frame, code in ((broken, None), (tmp_path / "none.png", "video.reference_unreadable")):
        with pytest.raises(InputError) as caught:
            colorize_video(film, tmp_path / "out.mkv", **OPTIONS, colored_frames=[frame])
        assert code in (None, caught.value.code)
    assert not (tmp_path / "out.mkv").exists()


def test_the_command_takes_a_folder(film, folder, tmp_path):
    command = [sys.executable, "-m", "photochrom", "video", film, "-o", tmp_path / "out.mkv", "--references", folder]
    ran = subprocess.run([*command, "--input-size", "128"], capture_output=True, text=True, check=True)
    assert "b.jpg is the frame at 0:00:00.560" in ran.stderr


def test_a_kept_film_has_single_shots_coloured_anew(film, tmp_path):
    out, fresh = tmp_path / "out.mkv", tmp_path / "fresh.mkv"
    colorize_video(film, out, **OPTIONS, keep_shots=True)
    before = colors(out)
    hints = [VideoHint(Hint(96, 64, "#2040ff", radius=30), frame=14)]
    report = colorize_video(film, out, **OPTIONS, hints=hints, resume=True, overwrite=True, keep_shots=True)
    assert report.resumed == 20
    assert report.shots_anew == (1,)
    assert any("shots 2 " in note for note in report.notes)
    after = colors(out)
    assert np.array_equal(after[:10], before[:10])
    assert np.array_equal(after[20:], before[20:])
    assert abs(after[14] - before[14])[40:90, 70:120].mean() > 20
    colorize_video(film, fresh, **OPTIONS, hints=hints)
    assert np.array_equal(after, colors(fresh))
    # and back again, after which nothing is kept
    colorize_video(film, out, **OPTIONS, resume=True, overwrite=True)
    assert np.array_equal(colors(out), before)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fresh.mkv", "out.mkv"]
