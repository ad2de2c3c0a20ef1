from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.errors import PhotochromError, UnreadableFilmError, UnsupportedFilmError
from photochrom.video.media.probe import is_video, probe
from photochrom.video.media.reader import FrameReader
from photochrom.video.media.scan import scan_video
from photochrom.video.yuv.colorimetry import colorimetry_of
from photochrom.video.yuv.rotation import Orientation

pytest.importorskip("av", reason="films need the video extra")


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.avi", "wrong.jpg.mp4"])
def test_a_plain_film(make_film, name):
    path = make_film(name)
    film = probe(path)
    assert is_video(path)
    assert (film.width, film.height, film.codec, film.layout.format) == (96, 64, "h264", "yuv420p")
    assert film.rate == 25
    assert (film.interlaced, film.display_matrix, film.aspect) == (False, None, 1)
    assert not film.full_range


def test_the_content_decides(make_film, tmp_path):
    film = make_film("a.mkv").rename(tmp_path / "holiday.jpg")
    assert is_video(film)
    assert probe(film).container == "matroska,webm"


def test_all_that_a_film_says_of_its_picture(make_film):
    def set_up(stream):
        stream.set_display_rotation(90)
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        stream.codec_context.color_range, stream.codec_context.colorspace = 2, 1
        stream.codec_context.color_primaries = 1

    film = probe(make_film(set_up=set_up, sound=0.3, metadata={"title": "Pan"}))
    assert film.orientation.transpose
    assert film.aspect == Fraction(4, 3)
    assert (film.full_range, film.matrix, film.primaries) == (True, 1, 1)
    assert film.shown_size == (128, 64)
    assert [(track.kind, track.codec) for track in film.tracks] == [("audio", "aac")]
    assert film.metadata["title"] == "Pan"
    assert film.declared_frames == 12


@pytest.mark.parametrize(
    ("pixels", "codec", "depth", "chroma"),
    [
        ("yuv422p10le", "prores_ks", 10, (2, 1)),
        ("yuv444p", "libx264", 8, (1, 1)),
        ("gray", "ffv1", 8, None),
        ("gray10le", "ffv1", 10, None),
        ("yuv420p12le", "ffv1", 12, (2, 2)),
    ],
)
def test_kinds_of_pixels(make_film, pixels, codec, depth, chroma):
    name = "a.mov" if codec == "prores_ks" else "a.mkv"
    film = probe(make_film(name, pixels=pixels, codec=codec, options={}))
    assert (film.layout.depth, film.layout.chroma) == (depth, chroma)


def test_what_is_not_said_is_taken_as_players_take_it(make_film):
    assert colorimetry_of(probe(make_film("small.mkv"))).matrix == 6
    assert colorimetry_of(probe(make_film("large.mkv", size=(720, 1280), count=1))).matrix == 1
    assert colorimetry_of(probe(make_film("gray.mkv", pixels="gray", codec="ffv1", options={}))).full_range


def test_every_way_to_lie(tmp_path):
    picture = np.arange(6).reshape(2, 3)
    turned = {}
    for matrix in (
        [1, 0, 0, 0, 1],
        [-1, 0, 0, 0, -1],
        [-1, 0, 0, 0, 1],
        [0, 1, 0, -1, 0],
        [0, -1, 0, 1, 0],
        [0, 1, 0, 1, 0],
    ):
        way = Orientation.from_matrix([65536 * v for v in matrix] + [0, 0, 0, 1 << 30])
        up = way.upright(picture)
        assert up.shape == way.size(2, 3)
        assert (way.stored(up) == picture).all()
        turned[tuple(matrix)] = up
    assert (turned[0, 1, 0, -1, 0] == np.rot90(picture, -1)).all()
    assert (turned[0, -1, 0, 1, 0] == np.rot90(picture)).all()
    assert (turned[-1, 0, 0, 0, -1] == picture[::-1, ::-1]).all()


def bad(tmp_path, kind, make_film):
    path = tmp_path / f"{kind}.mp4"
    if kind == "text":
        path.write_text("Dear grandmother,\n" * 100)
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "folder":
        path.mkdir()
    elif kind == "photo":
        Image.new("RGB", (8, 8)).save(path, "JPEG")
    elif kind == "no index":
        whole = make_film("whole.mp4").read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    elif kind == "sound":
        import av

        with av.open(str(path), "w") as output:
            stream = output.add_stream("aac", rate=44100)
            frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
            frame.sample_rate = 44100
            output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
    elif kind == "hollow":
        whole = bytearray(make_film("whole.mkv", codec="mpeg2video", options={}, base=Fraction(1, 25)).read_bytes())
        start = whole.find(b"\x1f\x43\xb6\x75")
        whole[start + 40 :] = bytes(len(whole) - start - 40)
        path.write_bytes(bytes(whole))
    return path


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("missing", "video.missing"),
        ("text", "video.not_a_video"),
        ("empty", "video.empty"),
        ("folder", "video.folder_without_stills"),
        ("photo", "video.is_photo"),
        ("no index", "video.truncated"),
        ("sound", "video.no_video_stream"),
        ("hollow", "video.undecodable"),
    ],
)
def test_what_is_no_film_has_a_name(tmp_path, make_film, kind, code):
    with pytest.raises(UnreadableFilmError) as caught:
        probe(bad(tmp_path, kind, make_film))
    assert caught.value.code == code


def test_high_dynamic_range_is_refused(make_film):
    def set_up(stream):
        stream.codec_context.color_trc, stream.codec_context.color_primaries = 16, 9
        stream.codec_context.colorspace = 9

    with pytest.raises(UnsupportedFilmError) as caught:
        probe(make_film("a.mkv", pixels="yuv420p10le", codec="libx265", set_up=set_up, options={}))
    assert (caught.value.code, caught.value.details["transfer"]) == ("video.hdr_unsupported", "PQ (HDR10)")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
@example(None)
def test_damaged_films_end_in_one_sentence(make_film, tmp_path, data):
    """Any bytes changed, cut out or doubled: frames or a named error come, never anything else."""
    whole = tmp_path / "whole.mkv"
    if not whole.exists():
        make_film("whole.mkv", count=6)
    original = bytearray(whole.read_bytes())
    path = tmp_path / "damaged.mkv"
    if data is not None:
        for _ in range(data.draw(st.integers(1, 8))):
            place = data.draw(st.integers(0, len(original) - 1))
            kind = data.draw(st.sampled_from(["byte", "cut", "zeros"]))
            length = data.draw(st.integers(1, 60))
            if kind == "byte":
                original[place] ^= data.draw(st.integers(1, 255))
            elif kind == "cut":
                del original[place : place + length]
            else:
                original[place : place + length] = bytes(len(original[place : place + length]))
            if not original:
                return
    path.write_bytes(bytes(original))
    try:
        film = probe(path)
        scan = scan_video(film)
    except PhotochromError:
        return
    assert (np.diff(scan.pts) > 0).all()
    assert len(list(FrameReader(film, threads=1).frames())) <= 6
