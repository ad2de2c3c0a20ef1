"""More containers in and out, and transparency that is kept."""

from fractions import Fraction

import numpy as np
import pytest

from photochrom.errors import OptionError
from photochrom.video.api import colorize_video
from photochrom.video.media.containers import choose_held_codec, choose_pixels
from photochrom.video.media.pixel_formats import layout_of, plane_of
from photochrom.video.media.probe import is_video, probe

av = pytest.importorskip("av", reason="films need the video extra")


def test_mxf(make_film, tmp_path):
    film = make_film("film.mxf", codec="mpeg2video", count=14, base=Fraction(1, 25), options={})
    assert is_video(film)
    report = colorize_video(film, tmp_path / "out.mkv", input_size=32)
    assert (probe(film).container, report.frames) == ("mxf", 14)


def test_raw_dv(make_film, tmp_path):
    film = make_film("film.dv", codec="dvvideo", size=(576, 720), count=4, options={})
    assert is_video(film)
    report = colorize_video(film, tmp_path / "out.mkv", input_size=32)
    assert (report.frames, report.pixel_format) == (4, "yuv420p")
    assert probe(tmp_path / "out.mkv").interlaced


@pytest.mark.parametrize("name", ["out.ogv", "out.dv", "out.mxf", "out.xyz"])
def test_what_is_not_written_is_refused_by_name(make_film, tmp_path, name):
    with pytest.raises(OptionError) as caught:
        colorize_video(make_film(), tmp_path / name)
    assert caught.value.code == f"video.container_{'unknown' if name == 'out.xyz' else 'read_only'}"


def alphas(path):
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            depth = frame.format.components[3].bits
            plane = plane_of(frame, 3, np.dtype(np.uint8 if depth == 8 else "<u2"))
            yield plane.astype(np.float64) / ((1 << depth) - 1)


@pytest.fixture
def film_with_alpha(tmp_path, gray_frames):
    """A pan in ProRes 4444 that is transparent to the left."""
    with av.open(str(tmp_path / "alpha.mov"), "w") as output:
        stream = output.add_stream("prores_ks", rate=25, options={"profile": "4"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuva444p10le"
        for gray in gray_frames(6):
            frame = av.VideoFrame(96, 64, "yuva444p10le")
            ramp = np.broadcast_to(np.linspace(0, 1023, 96).astype(np.uint16), (64, 96))
            planes = (gray.astype(np.uint16) << 2, *np.full((2, 64, 96), 512, np.uint16), ramp)
            for number, plane in enumerate(planes):
                plane_of(frame, number, np.dtype("<u2"))[:] = plane
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return tmp_path / "alpha.mov"


@pytest.mark.parametrize(
    ("name", "pixels", "near"), [("out.mov", "yuva444p10le", 2e-3), ("out.mkv", "yuva444p16le", 1e-4)]
)
def test_transparency_stays(film_with_alpha, tmp_path, name, pixels, near):
    report = colorize_video(film_with_alpha, tmp_path / name, input_size=32)
    assert report.pixel_format == pixels
    assert not [note for note in report.notes if "transparency" in note]
    for own, made in zip(alphas(film_with_alpha), alphas(tmp_path / name), strict=True):
        assert np.abs(own - made).max() < near


def test_transparency_that_does_not_go_over_is_said(film_with_alpha, tmp_path):
    report = colorize_video(film_with_alpha, tmp_path / "out.mp4", input_size=32)
    assert "transparency was left out" in report.notes


@pytest.mark.parametrize(
    ("source", "suffix", "codec", "pixels"),
    [
        ("yuva444p12le", ".mov", "prores", "yuva444p10le"),
        ("yuva420p", ".mkv", "ffv1", "yuva420p"),
        ("argb", ".mov", "prores", "yuva444p10le"),
        ("yuv444p12le", ".mov", "h265", "yuv444p12le"),
        ("pal8", ".mov", "h264", "yuv420p"),
        ("gray", ".mp4", "h264", "yuv420p"),
    ],
)
def test_which_codec_holds_it(tmp_path, source, suffix, codec, pixels):
    path = tmp_path / f"out{suffix}"
    layout = layout_of(av.VideoFormat(source), path)
    assert choose_held_codec(path, layout, (64, 96), interlaced=False) == codec
    assert choose_pixels(layout, codec, 64, 96) == pixels
