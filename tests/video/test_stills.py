"""Films that are stills, and stills of films: folders, patterns, animated WebP."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from photochrom.cli.main import main
from photochrom.errors import OptionError, OutputExistsError, PhotochromError, UnreadableFilmError
from photochrom.image_io.provenance import find_mark
from photochrom.video.api import colorize_video
from photochrom.video.media.probe import probe
from photochrom.video.media.stills import find_stills

av = pytest.importorskip("av", reason="films need the video extra")


@pytest.fixture
def make_stills(tmp_path, gray_frames):
    """Write stills of a pan; their folder."""

    def make(names="{:05d}.png", count=6, first=1, folder="frames", save=lambda image, path: image.save(path)):
        (tmp_path / folder).mkdir(exist_ok=True)
        for number, gray in enumerate(gray_frames(count), first):
            save(Image.fromarray(gray), tmp_path / folder / names.format(number))
        return tmp_path / folder

    return make


def light(path):
    return np.asarray(Image.open(path).convert("L"), np.int16)


def test_a_folder_becomes_a_film(make_stills, tmp_path, decoded, luma, gray_frames, capfd):
    folder = make_stills("scan {}.png", count=11)
    (folder / "notes.txt").write_text("of the scanner")
    assert main(["video", str(folder), "-o", str(tmp_path / "out.mkv"), "--codec", "ffv1", "--input-size", "32"]) == 0
    assert "other files in the folder were left out (1)" in capfd.readouterr().err
    frames, times = decoded(tmp_path / "out.mkv")
    # 10 comes after 9
    assert all(np.array_equal(luma(frame), own) for frame, own in zip(frames, gray_frames(11), strict=True))
    assert times == pytest.approx([number / 24 for number in range(11)], abs=1e-3)


def test_a_pattern_at_a_rate_becomes_stills_of_the_same_numbers(make_stills, tmp_path):
    make_stills(first=41)
    pattern = tmp_path / "frames" / "%05d.png"
    report = colorize_video(pattern, tmp_path / "out" / "%04d.tif", rate=16, input_size=32)
    assert report.film_seconds == pytest.approx(6 / 16)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"{number:04d}.tif" for number in range(41, 47)]
    for number in range(41, 47):
        made = tmp_path / "out" / f"{number:04d}.tif"
        assert np.abs(light(made) - light(tmp_path / "frames" / f"{number:05d}.png")).max() <= 3
        assert find_mark(made) == report.model
    colors = np.asarray(Image.open(made), np.int16)
    assert np.abs(colors[..., 0] - colors[..., 2]).max() > 8


def test_into_a_folder_under_the_same_names_and_with_their_metadata(make_stills, tmp_path):
    def save(image, path):
        exif = Image.Exif()
        exif[270] = f"reel 3, {path.stem}"
        exif[274] = 6
        image.save(path, exif=exif, dpi=(600, 600), quality=95)

    folder = make_stills("take {}.jpg", count=3, save=save)
    assert main(["video", str(folder), "-o", f"{tmp_path}/out/", "--input-size", "32", "-q"]) == 0
    with Image.open(tmp_path / "out" / "take 2.jpg") as made:
        assert made.size == (64, 96)
        assert made.getexif()[270] == "reel 3, take 2"
        assert made.getexif().get(274, 1) == 1


def test_deep_stills_stay_deep(make_stills, tmp_path):
    deep = make_stills(save=lambda image, path: Image.fromarray(np.asarray(image, np.uint16) * 256 + 7).save(path))
    report = colorize_video(deep, tmp_path / "out.mkv", input_size=32)
    assert (report.codec, report.pixel_format) == ("ffv1", "yuv420p16le")
    colorize_video(deep, tmp_path / "out" / "*.png", input_size=32)
    frame = next(av.open(str(tmp_path / "out" / "00003.png")).decode(video=0))
    assert frame.format.name.startswith("rgb48")


def test_nothing_is_overwritten_and_nothing_half_written(make_stills, tmp_path):
    folder = make_stills()
    (tmp_path / "out").mkdir()
    kept = tmp_path / "out" / "00004.png"
    kept.write_bytes(b"kept")
    with pytest.raises(OutputExistsError):
        colorize_video(folder, tmp_path / "out" / "*.png", input_size=32)
    with pytest.raises(OptionError, match="itself"):
        colorize_video(folder, folder / "*.png", input_size=32, overwrite=True)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["00004.png"]
    assert kept.read_bytes() == b"kept"
    colorize_video(folder, tmp_path / "out" / "*.png", input_size=32, overwrite=True)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"{n:05d}.png" for n in range(1, 7)]


@pytest.mark.parametrize("case", ["gap", "none", "empty folder", "broken", "other size", "rate"])
def test_what_is_wrong_with_stills_is_said_before_the_first_frame(make_stills, make_film, tmp_path, case):
    folder = make_stills(first=0)
    source, rate = folder / "%05d.png", None
    code = {
        "gap": "video.still_missing",
        "none": "video.pattern_without_stills",
        "empty folder": "video.folder_without_stills",
        "broken": "video.still_unreadable",
        "other size": "video.format_changes",
        "rate": "video.rate_of_film",
    }[case]
    if case == "gap":
        (folder / "00003.png").unlink()
    elif case == "none":
        source = folder / "%03d.jpg"
    elif case == "empty folder":
        source = tmp_path / "empty"
        source.mkdir()
    elif case == "broken":
        (folder / "00003.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    elif case == "other size":
        Image.new("L", (40, 40)).save(folder / "00005.png")
    else:
        source, rate = make_film(), 18.0
    with pytest.raises(PhotochromError) as caught:
        colorize_video(source, tmp_path / "out.mp4", rate=rate, input_size=32)
    assert caught.value.code == code
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize(
    ("rate", "exact"), [(23.976, Fraction(24000, 1001)), (16, Fraction(16)), (12.5, Fraction(25, 2))]
)
def test_rates(make_stills, rate, exact):
    assert find_stills(make_stills(count=1), rate).rate == exact


def test_a_film_has_no_names_for_stills(make_film, tmp_path):
    with pytest.raises(OptionError) as caught:
        colorize_video(make_film(), tmp_path / "out" / "*.png", input_size=32)
    assert caught.value.code == "video.stills_need_names"
    colorize_video(make_film(), tmp_path / "out" / "f%02d.jpg", input_size=32, start=0.2)
    assert [path.name for path in sorted((tmp_path / "out").iterdir())] == [f"f{n:02d}.jpg" for n in range(1, 8)]


def test_animated_webp_in_and_out(gray_frames, tmp_path):
    images = [Image.fromarray(gray).convert("RGB") for gray in gray_frames(6)]
    lengths = [40, 40, 200, 40, 40, 80]
    images[0].save(tmp_path / "a.webp", save_all=True, append_images=images[1:], duration=lengths, lossless=True)
    report = colorize_video(tmp_path / "a.webp", tmp_path / "out.webp", input_size=32)
    assert (report.frames, report.film_seconds) == (6, pytest.approx(0.44))
    again = probe(tmp_path / "out.webp")
    assert (again.width, again.height, again.stills.animated) == (96, 64, True)
    assert find_mark(tmp_path / "out.webp") == report.model
    with Image.open(tmp_path / "out.webp") as made:
        shown = []
        for number in range(made.n_frames):
            made.seek(number)
            made.load()
            shown.append(made.info["duration"])
            assert np.abs(np.asarray(made.convert("L"), np.int16) - np.asarray(images[number].convert("L"))).mean() < 4
    assert shown == lengths
    assert colorize_video(tmp_path / "a.webp", tmp_path / "out.mkv", input_size=32).film_seconds == pytest.approx(0.44)


def test_a_still_webp_is_a_photo(tmp_path):
    Image.new("RGB", (40, 40)).save(tmp_path / "a.webp")
    with pytest.raises(UnreadableFilmError) as caught:
        probe(tmp_path / "a.webp")
    assert caught.value.code == "video.is_photo"


def test_stills_are_not_signed(make_stills, tmp_path):
    with pytest.raises(PhotochromError) as caught:
        colorize_video(make_stills(), tmp_path / "out" / "*.png", input_size=32, signer=object())
    assert caught.value.code == "provenance.form_not_signed"
    assert not (tmp_path / "out").exists()
