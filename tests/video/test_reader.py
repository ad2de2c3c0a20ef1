import gc
from fractions import Fraction

import numpy as np
import pytest

from photochrom.errors import UnreadableFilmError, UnsupportedFilmError
from photochrom.video.media.probe import probe
from photochrom.video.media.reader import FrameReader
from photochrom.video.media.scan import Span, frames_from, load_scan, save_scan, scan_video

pytest.importorskip("av", reason="films need the video extra")

LOSSLESS = {"qp": "0", "preset": "ultrafast"}


@pytest.mark.parametrize(
    ("pixels", "codec", "shift"),
    [
        ("yuv420p", "libx264", 0),
        ("yuv444p", "libx264", 0),
        ("gray", "ffv1", 0),
        ("yuv420p10le", "ffv1", 2),
        ("yuv422p16le", "ffv1", 8),
    ],
)
def test_luma_comes_in_the_films_own_codes(make_film, gray_frames, pixels, codec, shift):
    path = make_film("a.mkv", pixels=pixels, codec=codec, options=LOSSLESS if codec == "libx264" else {})
    frames = list(FrameReader(probe(path)).frames())
    assert len(frames) == 12
    for frame, gray in zip(frames, gray_frames(12), strict=True):
        assert frame.luma.dtype == (np.uint16 if shift else np.uint8)
        assert (frame.luma == gray.astype(frame.luma.dtype) << shift).all()
        assert (frame.chroma is None) == (pixels == "gray")


@pytest.mark.parametrize("pixels", ["nv12", "uyvy422", "yuyv422"])
def test_interleaved_chroma_leaves_luma_as_it_is(make_film, luma, decoded, pixels):
    path = make_film("a.nut", pixels=pixels, codec="rawvideo", options={}, base=Fraction(1, 25))
    film = probe(path)
    assert film.pixel_format == pixels
    for frame, truth in zip(FrameReader(film).frames(), decoded(path)[0], strict=True):
        if pixels == "nv12":
            wanted = luma(truth)
        else:
            plane = np.frombuffer(truth.planes[0], np.uint8).reshape(64, -1)[:, : 2 * 96]
            wanted = plane[:, 1::2] if pixels == "uyvy422" else plane[:, 0::2]
        assert (frame.luma == wanted).all()


def test_rgb_is_turned_once(make_film, gray_frames):
    film = probe(make_film("a.mkv", pixels="bgr0", codec="ffv1", options={}))
    assert (film.layout.kind, film.layout.format) == ("rgb", "yuv444p")
    for frame, gray in zip(FrameReader(film).frames(), gray_frames(12), strict=True):
        assert np.abs(frame.luma.astype(int) - gray).max() <= 2


def test_times_are_exact_at_any_spacing(make_film):
    times = [0, 512, 513, 4000, 4100, 12800, 12801, 20000, 20512, 30000, 30001, 40000]
    film = probe(make_film(times=times))
    scan = scan_video(film)
    assert scan.pts.tolist() == times
    assert scan.durations[:-1].tolist() == np.diff(times).tolist()


def test_a_part_and_reading_on_from_anywhere(make_film):
    film = probe(make_film(count=60, options={"crf": "10", "g": "8", "bf": "3", "preset": "fast"}))
    scan = scan_video(film, span=Span(start=0.5, end=1.5))
    assert (scan.pts * film.time_base).tolist() == [Fraction(n, 25) for n in range(13, 38)]
    assert not scan.short
    whole = [frame.mark for frame in FrameReader(film).frames()]
    for first in (0, 1, 7, 24):
        assert [frame.mark for frame in frames_from(film, scan, first)] == whole[13 + first : 38]


def test_a_film_that_changed_is_not_gone_on_with(make_film):
    film = probe(make_film(count=12))
    scan = scan_video(film)
    make_film(count=9)
    with pytest.raises(UnreadableFilmError) as caught:
        list(frames_from(film, scan, 0))
    assert caught.value.code == "video.changed"


def test_a_scan_is_kept_and_read_again(make_film, tmp_path):
    scan = scan_video(probe(make_film(count=40, cut=17)))
    assert scan.cuts == (17,)
    save_scan(tmp_path / "scan.npz", scan)
    again = load_scan(tmp_path / "scan.npz")
    assert again.shots == [(0, 17), (17, 40)]
    for name in ("pts", "durations", "marks"):
        assert (getattr(again, name) == getattr(scan, name)).all()
    assert (again.broken, again.short) == (0, False)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_a_film_cut_short_is_known(make_film, tmp_path, name):
    # an index at the front, as films for the web have it, opens although the end is missing
    options = {"crf": "1", "preset": "ultrafast"}
    path = make_film(name, count=60, options=options)
    if name == "a.mp4":
        import av

        with (
            av.open(str(path)) as source,
            av.open(str(tmp_path / "front.mp4"), "w", container_options={"movflags": "+faststart"}) as output,
        ):
            stream = output.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.size:
                    packet.stream = stream
                    output.mux(packet)
        path = tmp_path / "front.mp4"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    film = probe(path)
    scan = scan_video(film)
    assert scan.short
    assert 5 < scan.count < 50


def test_broken_frames_are_counted_and_are_the_same_each_time(make_film):
    path = make_film("a.mkv", count=40, options={"crf": "5", "g": "10"})
    data = bytearray(path.read_bytes())
    rng = np.random.default_rng(3)
    for place in rng.integers(len(data) // 4, len(data) * 3 // 4, 12):
        data[place : place + 40] = rng.bytes(40)
    path.write_bytes(bytes(data))
    film = probe(path)
    scan = scan_video(film)
    assert scan.broken > 0
    again = scan_video(film)
    assert again.marks.tolist() == scan.marks.tolist()
    assert [frame.mark for frame in frames_from(film, scan, 0)] == scan.marks.tolist()


@pytest.mark.parametrize(("captions", "most"), [(False, 0), (True, 20)])
def test_frames_do_not_pile_up_in_memory(make_film, captions, most):
    # every frame is a key frame, which may be asked for captions
    film = make_film("film.avi", count=100, codec="mjpeg", pixels="yuvj420p", options={})
    reader = FrameReader(probe(film), captions=captions)
    gc.collect()
    before = count_frames()
    gc.disable()
    try:
        assert sum(1 for _ in reader.frames()) == 100
        assert count_frames() - before <= most
    finally:
        gc.enable()
    assert not reader.captioned


def count_frames():
    return sum(type(each).__name__ == "VideoFrame" for each in gc.get_objects())


def test_a_picture_that_changes_its_size_is_named(make_film, tmp_path):
    small = make_film("a.mpg", codec="mpeg2video", options={}, base=Fraction(1, 25))
    large = make_film("b.mpg", codec="mpeg2video", options={}, base=Fraction(1, 25), size=(128, 160))
    both = tmp_path / "both.mpg"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    with pytest.raises(UnsupportedFilmError) as caught:
        scan_video(probe(both))
    assert caught.value.code == "video.format_changes"
    assert caught.value.details["before"] == "96x64 yuv420p"


@pytest.mark.parametrize(
    ("name", "frames", "cuts"),
    [
        ("chaplin_bw_mp3audio.mp4", 241, None),
        ("bikes_colour_cuts.mp4", 250, None),
        ("cockatoo_colour_mp3audio.mp4", 280, 0),
    ],
)
def test_real_films(shared_film, name, frames, cuts):
    scan = scan_video(probe(shared_film(name)))
    assert (scan.count, scan.broken, scan.repaired, scan.short) == (frames, 0, 0, False)
    assert cuts is None or len(scan.cuts) == cuts
