"""What can fail fails before the first frame; what does not go over is told before it, in one note each."""

import io
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import WriteError
from photochrom.video.api import colorize_video
from photochrom.video.media.probe import is_video, probe
from photochrom.video.media.reader import FrameReader
from photochrom.video.media.scan import scan_video
from photochrom.video.muxing import rehearsal, room, tracks
from photochrom.video.muxing.sound import SoundTranscoder

av = pytest.importorskip("av", reason="films need the video extra")

SIZE = (48, 64)


def color(source, output, **options):
    return colorize_video(source, output, **{"input_size": 32, **options})


def tone(codec, layout, rate, kind, seconds=0.6):
    """Make a track of noise in some codec and layout."""

    def tracks(output):
        stream = output.add_stream(codec, rate=rate)
        stream.layout = layout
        channels = len(av.AudioLayout(layout).channels)
        size = stream.codec_context.frame_size or 1024
        made = []
        rng = np.random.default_rng(0)
        planar = kind.endswith("p")
        dtype = {"s16": np.int16, "u8": np.uint8, "flt": np.float32, "s32": np.int32}[kind.removesuffix("p")]
        for start in range(0, round(seconds * rate), size):
            shape = (channels, size) if planar else (1, channels * size)
            noise = (rng.standard_normal(shape) * (0.1 if dtype == np.float32 else 40)).astype(dtype)
            frame = av.AudioFrame.from_ndarray(noise, kind, layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            made += stream.encode(frame)
        return [*made, *stream.encode(None)]

    return tracks


@pytest.mark.parametrize(
    ("source", "sound", "target", "codec", "channels"),
    [
        ("a.mkv", ("pcm_s16le", "stereo", 48000, "s16"), "o.webm", "opus", 2),
        ("a.mkv", ("pcm_s16le", "mono", 22050, "s16"), "o.webm", "opus", 1),
        ("a.mkv", ("ac3", "5.1(side)", 48000, "fltp"), "o.webm", "opus", 6),
        ("a.mkv", ("ac3", "5.1", 48000, "fltp"), "o.webm", "opus", 6),
        ("a.mkv", ("ac3", "4.0", 44100, "fltp"), "o.webm", "opus", None),
        ("a.mkv", ("flac", "7.1", 48000, "s16"), "o.webm", "opus", None),
        ("a.avi", ("pcm_u8", "mono", 11025, "u8"), "o.mpg", "mp2", 1),
        ("a.mkv", ("flac", "5.1", 96000, "s16"), "o.mpg", "mp2", 2),
        ("a.mkv", ("flac", "stereo", 96000, "s16"), "o.avi", None, 2),
        ("a.mkv", ("flac", "mono", 22000, "s16"), "o.mov", None, 1),
        ("a.mkv", ("libopus", "stereo", 48000, "s16"), "o.mov", None, 2),
        ("a.mkv", ("pcm_s16le", "stereo", 48000, "s16"), "o.mp4", None, 2),
    ],
)
def test_sound_of_any_form_goes_over(make_film, tmp_path, source, sound, target, codec, channels):
    film = make_film(source, count=15, size=SIZE, tracks=tone(*sound))
    report = color(film, tmp_path / target)
    with av.open(str(tmp_path / target)) as made:
        stream = made.streams.audio[0]
        assert codec is None or stream.codec_context.codec.canonical_name == codec
        assert channels is None or stream.codec_context.channels == channels
        length = sum(frame.samples / frame.sample_rate for frame in made.decode(audio=0))
    assert abs(length - 0.6) < 0.12
    assert len([note for note in report.notes if "audio track" in note]) <= 1


def test_sound_whose_channels_are_not_known_is_refused():
    stream = SimpleNamespace(
        codec_context=SimpleNamespace(layout=av.AudioLayout("stereo"), channels=0, sample_rate=48000)
    )
    with pytest.raises(ValueError, match="channels"):
        SoundTranscoder(stream, None, "flac")


@pytest.mark.parametrize("suffix", [".mkv", ".webm", ".mp4"])
def test_a_film_made_again_has_the_same_bytes(make_film, tmp_path, suffix):
    film = make_film(count=10, size=SIZE, sound=0.4)
    first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
    color(film, first)
    color(film, second)
    assert first.read_bytes() == second.read_bytes()


def test_what_goes_wrong_goes_wrong_before_the_first_frame(make_film, tmp_path, monkeypatch):
    film = make_film(count=10, size=SIZE)
    phases = []

    def refuse(*_):
        raise av.error.InvalidDataError(1, "no such thing")

    monkeypatch.setattr(rehearsal, "_write_trial", refuse)
    with pytest.raises(WriteError) as caught:
        color(film, tmp_path / "out.mp4", on_progress=lambda progress: phases.append(progress.phase))
    assert caught.value.code == "video.container_refuses"
    assert set(phases) == {"scan"}
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_notes_are_told_before_the_first_frame(make_film, tmp_path):
    told = []
    film = make_film(count=10, size=SIZE, sound=0.4)
    report = color(film, tmp_path / "out.webm", on_progress=told.append)
    first = next(number for number, progress in enumerate(told) if progress.phase == "color")
    assert [note for progress in told[:first] for note in progress.notes] == list(report.notes)
    assert any("libopus" in note for note in report.notes)


def test_a_track_that_cannot_go_over_is_left_out_by_name(make_film, tmp_path, monkeypatch):
    film = make_film(count=10, size=SIZE, sound=0.4)
    for module in (rehearsal, tracks):
        monkeypatch.setattr(module, "list_ways", lambda *_: [])
    report = color(film, tmp_path / "out.mp4")
    assert report.notes == ("audio track 1 (aac) was left out: mp4 does not hold it",)
    assert probe(tmp_path / "out.mp4").tracks == ()


def test_sound_that_the_container_holds_and_refuses_is_not_said_to_be_foreign(make_film, tmp_path, monkeypatch):
    film = make_film(count=10, size=SIZE, sound=0.4)
    write = rehearsal._write_trial

    def refuse_sound(video, trial, plan, pictures):
        if plan.ways:
            raise ValueError("no such sound")
        return write(video, trial, plan, pictures)

    monkeypatch.setattr(rehearsal, "_write_trial", refuse_sound)
    report = color(film, tmp_path / "out.mkv")
    assert report.notes == (
        "audio track 1 (aac) was left out: it is damaged, or of a form that matroska does not take",
    )


@pytest.mark.parametrize(
    "name", ["Film: Part 1.mp4", "50% off %03d.mkv", "http:a b.avi", "ein # & ? 'film'.webm", "%d.gif"]
)
def test_any_name_is_a_file(make_film, tmp_path, monkeypatch, name):
    plain = make_film("in.mp4", count=6, size=SIZE, rate=Fraction(10))
    monkeypatch.chdir(tmp_path)
    report = color(plain, name)
    assert (tmp_path / name).stat().st_size > 100
    again = color(name, "again: " + name)
    assert (again.frames, report.frames) == (6, 6)


def test_lack_of_room_is_told(make_film, tmp_path, monkeypatch):
    film = make_film(count=10, size=SIZE)
    assert color(film, tmp_path / "enough.mp4").notes == ()
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: room.shutil._ntuple_diskusage(10**6, 10**6 - 900, 900))
    report = color(film, tmp_path / "out.mp4")
    assert len(report.notes) == 1
    assert "1 kB are free" in report.notes[0]


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "avi", "mpg", "webm", "gif"])
@pytest.mark.parametrize("aspect", [Fraction(16, 11), Fraction(1), Fraction(8, 9)])
def test_the_shape_of_pixels_is_kept_or_noted(make_film, tmp_path, suffix, aspect):
    def set_up(stream):
        stream.codec_context.sample_aspect_ratio = aspect

    out = tmp_path / f"out.{suffix}"
    report = color(make_film(count=6, size=SIZE, set_up=set_up), out)
    kept = abs(probe(out).aspect / aspect - 1) < Fraction(1, 100)
    assert any("pixels of" in note for note in report.notes) == (not kept)
    assert kept or suffix in ("webm", "gif", "mpg")


def test_keys_of_phones_are_kept_or_noted(make_film, tmp_path):
    keys = {
        "title": "Pan",
        "com.apple.quicktime.make": "Apple",
        "com.apple.quicktime.location.ISO6709": "+48+011/",
    }
    film = make_film("in.mkv", count=6, size=SIZE, metadata=keys)
    for suffix in ("mov", "mp4", "mkv", "avi"):
        report = color(film, tmp_path / f"out.{suffix}")
        metadata = {key.lower(): value for key, value in probe(tmp_path / f"out.{suffix}").metadata.items()}
        kept = {key: metadata.get(key.lower()) for key in keys}
        notes = [note for note in report.notes if note.startswith("tags were left out")]
        assert kept["title"] == "Pan"
        if suffix == "avi":
            assert len(notes) == 1
            assert "com.apple.quicktime.make" in notes[0].lower()
        else:
            assert (kept, notes) == (keys, [])


def cover(kind):
    picture = io.BytesIO()
    Image.new("RGB", (32, 24), "#884422").save(picture, kind)
    return picture.getvalue()


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_a_cover_is_kept_or_noted(make_film, tmp_path, kind):
    data = cover(kind)

    def tracks(output):
        output.add_attachment(f"cover.{kind}", f"image/{kind}", data)
        return ()

    source = make_film("in.mkv", count=6, size=SIZE, tracks=tracks, sound=0.3)
    color(source, tmp_path / "a.mp4")
    for film, target in ((source, "b.mkv"), (tmp_path / "a.mp4", "b.mp4"), (tmp_path / "a.mp4", "c.mkv")):
        report = color(film, tmp_path / target)
        assert report.notes == ()
        with av.open(str(tmp_path / target)) as made:
            stream = next(s for s in made.streams if s.disposition & av.stream.Disposition.attached_pic)
            assert next(bytes(packet) for packet in made.demux(stream) if packet.size) == data
        assert len(probe(tmp_path / target).tracks) == 2
    for target in ("d.avi", "d.webm", "d.mov"):
        report = color(source, tmp_path / target)
        assert sum("the cover picture" in note for note in report.notes) == 1


def test_closed_captions_are_noted(make_film, tmp_path):
    film = make_film("a.mkv", count=6, size=SIZE, codec="mpeg2video", options={}, base=Fraction(1, 25))
    assert not scan_video(probe(film)).captioned
    # user data of ATSC A/53 before each first slice: one pair of CEA-608
    captions = b"\0\0\1\xb2GA94\x03\x41\xff\xfc\x94\x20\xff"
    with av.open(str(film)) as given, av.open(str(tmp_path / "cc.ts"), "w") as output:
        stream = output.add_stream_from_template(given.streams.video[0], opaque=True)
        for packet in given.demux(video=0):
            if packet.dts is None:
                continue
            data = bytes(packet)
            place = data.index(b"\0\0\1\x01")
            made = av.Packet(data[:place] + captions + data[place:])
            made.pts, made.dts, made.time_base, made.stream = packet.pts, packet.dts, packet.time_base, stream
            made.is_keyframe = packet.is_keyframe
            output.mux(made)
    report = color(tmp_path / "cc.ts", tmp_path / "out.mp4")
    assert sum("closed captions" in note for note in report.notes) == 1


def test_prores_with_transparency_is_coloured(make_film, tmp_path, decoded, luma):
    source = make_film("in.mov", count=6, size=SIZE, codec="prores_ks", pixels="yuva444p10le", options={"profile": "4"})
    film = probe(source)
    assert film.layout.alpha
    report = color(source, tmp_path / "out.mov")
    assert not any("transparency" in note for note in report.notes)
    assert report.frames == 6
    lossless = color(source, tmp_path / "out.mkv", codec="ffv1")
    assert lossless.frames == 6
    for made, frame in zip(decoded(tmp_path / "out.mkv")[0], FrameReader(film).frames(), strict=True):
        # FFV1 holds transparency beside 16 bits, and the film has 12
        assert (luma(made) >> 4 == frame.luma).all()
    theirs = decoded(source)[0]
    assert all((luma(a) == frame.luma).all() for a, frame in zip(theirs, FrameReader(film).frames(), strict=True))


def test_a_film_of_more_bits_gets_a_codec_that_holds_them(make_film, tmp_path):
    source = make_film("in.mkv", count=4, size=SIZE, pixels="yuv420p10le", codec="ffv1", options={})
    report = color(source, tmp_path / "out.webm")
    assert (report.codec, report.pixel_format) == ("av1", "yuv420p10le")
    assert any("the codec is av1" in note for note in report.notes)


@pytest.mark.parametrize(
    "head",
    [b"OggS\0\x02", b"YUV4MPEG2 W64 H48", b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01", b"DKIF\0\0\x20\0"],
)
def test_films_are_known_by_their_first_bytes(tmp_path, head):
    (tmp_path / "a").write_bytes(head + bytes(500))
    assert is_video(tmp_path / "a")
