"""Films out: every container and codec, luma bit for bit, time stamps, and what came besides the picture."""

from fractions import Fraction

import numpy as np
import pytest

from photochrom.errors import OptionError, UnsupportedFilmError
from photochrom.video.api import colorize_frames, colorize_video
from photochrom.video.execution.planes import widen_luma
from photochrom.video.media.containers import container_for
from photochrom.video.media.encoder import choose_encoding
from photochrom.video.media.probe import probe
from photochrom.video.media.reader import FrameReader
from photochrom.video.yuv.colorimetry import colorimetry_of

av = pytest.importorskip("av", reason="films need the video extra")

#: what the network sees in these tests: enough to colour with, quick to run
SIZE = 32


def color(source, output, **options):
    return colorize_video(source, output, **{"input_size": SIZE, **options})


@pytest.mark.parametrize(
    ("pixels", "codec", "name", "written"),
    [
        ("yuv420p", None, "ffv1", "yuv420p"),
        ("yuv422p", None, "ffv1", "yuv422p"),
        ("yuv444p", None, "ffv1", "yuv444p"),
        ("gray", "ffv1", "ffv1", "yuv420p"),
        ("yuv420p10le", "ffv1", "ffv1", "yuv420p10le"),
        ("gray12le", "ffv1", "ffv1", "yuv420p12le"),
        ("yuv420p", None, "h264", "yuv420p"),
        ("yuv444p10le", "ffv1", "h264", "yuv444p10le"),
    ],
)
def test_luma_out_is_luma_in(make_film, decoded, luma, tmp_path, pixels, codec, name, written):
    lossless = {"qp": "0", "preset": "ultrafast"}
    source = make_film("in.mkv", pixels=pixels, codec=codec or "libx264", options={} if codec else lossless)
    quality = 0 if name == "h264" and "10" not in pixels else None
    report = color(source, tmp_path / "out.mkv", codec=name, quality=quality)
    assert report.pixel_format == written
    ours, theirs = decoded(tmp_path / "out.mkv")[0], decoded(source)[0]
    assert len(ours) == len(theirs) == 12
    for made, truth in zip(ours, theirs, strict=True):
        if quality == 0 or name == "ffv1":
            assert (luma(made) == luma(truth)).all()
        chroma = np.frombuffer(made.planes[1], np.uint8 if made.format.components[0].bits == 8 else np.uint16)
        assert chroma.std() > 0


def test_what_the_encoder_gets_is_the_films_luma(make_film):
    """Before any encoder has touched it, bit for bit; in more bits, the same number moved up."""
    film = probe(make_film("in.mkv"))
    for name, codec in (("a.mp4", "h264"), ("a.mov", "prores")):
        settings = choose_encoding(
            film,
            colorimetry_of(film),
            container=container_for(film.path.with_name(name)),
            codec=codec,
            quality=None,
            preset=None,
            size=(64, 96),
            rate=film.rate,
            interlaced=False,
            threads=1,
        )
        for frame in FrameReader(film).frames():
            got = widen_luma(frame.luma, 8, settings)
            assert (got >> settings.shift == frame.luma).all()
            assert codec != "h264" or got is frame.luma


@pytest.mark.parametrize(
    ("name", "codec", "kind", "pixels"),
    [
        ("a.mp4", None, "h264", "yuv420p"),
        ("a.mp4", "h265", "hevc", "yuv420p"),
        ("a.mp4", "av1", "libdav1d", "yuv420p"),
        ("a.mov", "prores", "prores", "yuv422p10le"),
        ("a.mkv", "ffv1", "ffv1", "yuv420p"),
        ("a.webm", None, "vp9", "yuv420p"),
        ("a.avi", None, "h264", "yuv420p"),
        ("a.mpg", None, "mpeg2video", "yuv420p"),
        ("a.ts", None, "h264", "yuv420p"),
    ],
)
def test_containers_and_codecs(make_film, decoded, luma, tmp_path, name, codec, kind, pixels):
    source = make_film("in.mp4", count=30, cut=13, sound=1.0)
    out = tmp_path / "out" / name
    out.parent.mkdir()
    report = color(source, out, codec=codec)
    film = probe(out)
    assert (film.codec, film.pixel_format) == (kind, pixels)
    assert (film.width, film.height, report.frames, len(report.shots)) == (96, 64, 30, 2)
    frames, times = decoded(out)
    assert [round((time - times[0]) * 25) for time in times] == list(range(30))
    assert len(film.tracks) == 1
    shift = 2 if "10" in pixels else 0
    for made, truth in zip(frames, decoded(source)[0], strict=True):
        assert np.abs((luma(made) >> shift).astype(int) - luma(truth)).mean() < 4
    said = " ".join(film.metadata.values())
    assert ("Colours are synthetic: made by photochrom" in said) == (name not in ("a.mpg", "a.ts"))
    assert any("no place for the note" in note for note in report.notes) == (name in ("a.mpg", "a.ts"))


def test_times_of_a_film_without_a_rate_are_kept(make_film, decoded, tmp_path):
    times = [0, 512, 513, 4000, 4100, 12800, 12801, 20000, 20512, 30000, 30001, 40000]
    source = make_film(times=times)
    color(source, tmp_path / "out.mp4")
    assert decoded(tmp_path / "out.mp4")[1] == decoded(source)[1] == [Fraction(t, 12800) for t in times]
    for name in ("out.avi", "out.mpg"):
        with pytest.raises(OptionError) as caught:
            color(source, tmp_path / name)
        assert caught.value.code == "video.uneven_spacing"


def test_what_a_film_says_of_its_picture_is_said_again(make_film, tmp_path):
    def set_up(stream):
        stream.set_display_rotation(90)
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        stream.codec_context.color_range, stream.codec_context.colorspace = 2, 1
        stream.codec_context.color_primaries = stream.codec_context.color_trc = 1

    source = make_film(set_up=set_up, metadata={"title": "Pan", "comment": "reel 2"})
    for name in ("out.mp4", "out.mkv"):
        color(source, tmp_path / name)
        before, after = probe(source), probe(tmp_path / name)
        for key in ("aspect", "full_range", "matrix", "primaries", "transfer", "orientation"):
            assert getattr(after, key) == getattr(before, key), key
        metadata = {key.lower(): value for key, value in after.metadata.items()}
        assert metadata["title"] == "Pan"
        assert metadata["comment"].startswith("reel 2 | Colours are synthetic")


def test_sound_longer_than_the_picture_goes_over_packet_by_packet(make_film, packets, tmp_path):
    source = make_film(sound=2.0)
    color(source, tmp_path / "out.mp4")
    assert packets(tmp_path / "out.mp4") == packets(source)
    assert len(packets(source)) > 80


def test_a_part_starts_at_zero_with_its_sound(make_film, decoded, packets, tmp_path):
    source = make_film(count=50, sound=2.0)
    report = color(source, tmp_path / "out.mp4", start=0.8, end=1.6)
    frames, times = decoded(tmp_path / "out.mp4")
    assert (len(frames), times[0], report.frames) == (20, 0, 20)
    sound = packets(tmp_path / "out.mp4")
    cut = [data for data, time, *_ in packets(source) if Fraction(8, 10) <= time < Fraction(16, 10)]
    assert [data for data, *_ in sound] == cut
    assert abs(float(sound[-1][1]) - 0.8) < 0.05


def test_sound_that_the_container_does_not_hold_is_transcoded_and_said(make_film, tmp_path):
    report = color(make_film(sound=1.0, count=25), tmp_path / "out.webm")
    assert any("transcoded from aac to libopus" in note for note in report.notes)
    with av.open(str(tmp_path / "out.webm")) as container:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    # the tone is still 440 Hz
    spectrum = np.abs(np.fft.rfft(sound[4800 : 4800 + 48000 // 2]))
    assert abs(spectrum.argmax() * 2 - 440) <= 4


def subtitles(output):
    stream = output.add_stream("mov_text" if "mp4" in output.format.name else "srt")
    header = (
        b"[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, "
        b"SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, "
        b"Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\nStyle: Default,Arial,16,"
        b"&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1\n\n[Events]\nFormat: Layer, Start, End, "
        b"Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    )
    stream.codec_context.subtitle_header = header
    stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
    made = []
    for number, text in enumerate((b"Good evening.", b"The end.")):
        event = av.subtitles.subtitle.SubtitleSet.create(b"%d,0,Default,,0,0,0,,%b" % (number, text), 0, 150)
        packet = stream.codec_context.encode_subtitle(event)
        packet.pts = packet.dts = 200 * number
        packet.duration, packet.time_base, packet.stream = 150, Fraction(1, 1000), stream
        made.append(packet)
    return made


@pytest.mark.parametrize(
    ("source", "target", "copied"),
    [("in.mp4", "out.mp4", True), ("in.mkv", "out.mp4", False), ("in.mp4", "out.mkv", False)],
)
def test_subtitles_stay_readable(make_film, packets, tmp_path, source, target, copied):
    path = make_film(source, tracks=subtitles)
    report = color(path, tmp_path / target)
    assert any("was rewritten" in note for note in report.notes) == (not copied)
    with av.open(str(tmp_path / target)) as container:
        lines = [
            (rect.dialogue.decode(), packet.pts * packet.time_base)
            for packet in container.demux(subtitles=0)
            if packet.size > 2
            for rect in packet.stream.decode2(packet) or ()
        ]
    assert lines == [("Good evening.", 0), ("The end.", Fraction(1, 5))]
    if copied:
        assert packets(tmp_path / target, "subtitle") == packets(path, "subtitle")


def test_chapters_and_attachments_stay(make_film, tmp_path):
    def tracks(output):
        output.add_attachment("note.txt", "text/plain", b"found in the attic")
        base = Fraction(1, 1000)
        output.set_chapters(
            [
                {"id": 1, "start": 0, "end": 200, "time_base": base, "metadata": {"title": "One"}},
                {"id": 2, "start": 200, "end": 480, "time_base": base, "metadata": {"title": "Two"}},
            ]
        )
        return ()

    source = make_film("in.mkv", tracks=tracks)
    color(source, tmp_path / "out.mkv")
    report = color(source, tmp_path / "out.mp4")
    assert any("only MKV holds attachments" in note for note in report.notes)
    for name in ("out.mkv", "out.mp4"):
        with av.open(str(tmp_path / name)) as container:
            found = [
                (float(c["start"] * c["time_base"]), float(c["end"] * c["time_base"]), c["metadata"]["title"])
                for c in container.chapters()
            ]
            assert found == [(0.0, 0.2, "One"), (0.2, 0.48, "Two")]
            data = [stream.data for stream in container.streams if stream.type == "attachment"]
            assert data == ([b"found in the attic"] if name == "out.mkv" else [])


@pytest.mark.parametrize("field", ["tff", "bff"])
def test_interlaced_films_stay_interlaced(make_film, decoded, luma, tmp_path, field):
    def set_up(stream):
        flags = av.codec.context.Flags
        stream.codec_context.flags |= int(flags.interlaced_dct | flags.interlaced_me)

    options = {"qp": "0", "preset": "ultrafast"}
    source = make_film("in.mkv", field=field, set_up=set_up, options=options, base=Fraction(1, 25))
    assert probe(source).interlaced
    for name, codec in (("out.mkv", "h264"), ("out.mov", "prores"), ("lossless.mkv", "ffv1")):
        color(source, tmp_path / name, codec=codec)
        frames, _ = decoded(tmp_path / name)
        assert all(frame.interlaced_frame for frame in frames), codec
        if codec == "ffv1":
            assert all((luma(a) == luma(b)).all() for a, b in zip(frames, decoded(source)[0], strict=True))
    assert probe(tmp_path / "out.mkv").top_first == (field == "tff")
    with pytest.raises(UnsupportedFilmError) as caught:
        color(source, tmp_path / "out.webm")
    assert caught.value.code == "video.interlacing_unsupported"


def test_animated_gifs_in_and_out(make_film, decoded, tmp_path):
    source = make_film("in.mp4", rate=Fraction(10), count=8)
    report = color(source, tmp_path / "out.gif", strength=1.5)
    frames, times = decoded(tmp_path / "out.gif")
    assert times == [Fraction(n, 10) for n in range(8)]
    rgb = frames[3].to_ndarray(format="rgb24").astype(int)
    assert np.abs(rgb[..., 0] - rgb[..., 2]).mean() > 2
    assert any("GIF has no place" in note for note in report.notes)
    again = color(tmp_path / "out.gif", tmp_path / "again.mp4")
    assert (again.frames, again.pixel_format) == (8, "yuv420p")
    assert any("turned from" in note for note in again.notes)
    assert decoded(tmp_path / "again.mp4")[1] == times


@pytest.mark.parametrize(
    ("options", "name", "code"),
    [
        ({"codec": "h266"}, "a.mp4", "video.codec_unknown"),
        ({"codec": "prores"}, "a.mp4", "video.codec_not_in_container"),
        ({"quality": 99}, "a.mp4", "video.quality_out_of_range"),
        ({"quality": 3, "codec": "ffv1"}, "a.mkv", "video.quality_unavailable"),
        ({"preset": "hasty"}, "a.mp4", "video.preset_unknown"),
        ({"preset": "hasty", "codec": "ffv1"}, "a.mkv", "video.preset_unavailable"),
        ({}, "a.flv", "video.container_read_only"),
        ({"temporal_smoothing": 2.0}, "a.mp4", "option.out_of_range"),
        ({"vividness": 3.0}, "a.mp4", "option.out_of_range"),
        ({"strength": "much"}, "a.mp4", "option.out_of_range"),
        ({"input_size": 8}, "a.mp4", "option.not_an_integer_in_range"),
        ({"start": 3.0, "end": 1.0}, "a.mp4", "video.span_reversed"),
        ({"start": -3.0}, "a.mp4", "video.span_edge_out_of_range"),
        ({"preview_every": 0}, "a.mp4", "video.preview_out_of_range"),
        ({"jobs": 0}, "a.mp4", "video.jobs_out_of_range"),
    ],
)
def test_options_out_of_range(make_film, tmp_path, options, name, code):
    with pytest.raises(OptionError) as caught:
        color(make_film(count=2), tmp_path / name, **options)
    assert caught.value.code == code
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_more_bits_than_the_codec_holds(make_film, tmp_path):
    source = make_film("in.mkv", pixels="yuv420p10le", codec="ffv1", options={})
    with pytest.raises(UnsupportedFilmError) as caught:
        color(source, tmp_path / "out.webm", codec="vp9")
    assert (caught.value.code, caught.value.details) == ("video.depth_unsupported", {"codec": "vp9", "depth": 10})


def test_odd_sizes(make_film, tmp_path):
    source = make_film("in.mkv", size=(63, 95), pixels="yuv444p", options={"qp": "0", "preset": "ultrafast"})
    report = color(source, tmp_path / "out.mp4")
    assert (report.width, report.height, report.pixel_format) == (95, 63, "yuv444p")
    with pytest.raises(UnsupportedFilmError) as caught:
        color(source, tmp_path / "av1.mp4", codec="av1")
    assert caught.value.code == "video.size_unsupported"


def test_strength_zero_gives_the_films_own_colors(make_film, decoded, tmp_path):
    source = make_film("in.mkv", options={"qp": "0", "preset": "ultrafast"})
    tinted = tmp_path / "tinted.mkv"
    color(source, tinted, codec="ffv1")
    color(tinted, tmp_path / "same.mkv", codec="ffv1", strength=0.0, vividness=2.0)
    for made, truth in zip(decoded(tmp_path / "same.mkv")[0], decoded(tinted)[0], strict=True):
        assert (made.to_ndarray() == truth.to_ndarray()).all()


def test_an_unknown_keyword_is_refused(make_film, tmp_path):
    with pytest.raises(TypeError, match="vividnes"):
        color(make_film(count=2), tmp_path / "out.mp4", vividnes=1.0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"engine": "spark"}, {"backend": "spark"}),
        ({"preview": 0}, {"preview_every": 0}),
        ({"size": 8}, {"input_size": 8}),
        ({"steady": 2.0}, {"temporal_smoothing": 2.0}),
        ({"start": 3.0, "stop": 1.0}, {"start": 3.0, "end": 1.0}),
    ],
)
def test_old_keywords_work_with_a_warning(tmp_path, old, new):
    with pytest.warns(DeprecationWarning, match=f"^{next(reversed(old))} of"), pytest.raises(OptionError) as before:
        colorize_video("absent.mp4", tmp_path / "out.mp4", **old)
    with pytest.raises(OptionError) as now:
        colorize_video("absent.mp4", tmp_path / "out.mp4", **new)
    assert (before.value.code, before.value.details) == (now.value.code, now.value.details)


def test_old_keywords_of_frames_work_with_a_warning():
    frames = [np.full((48, 64), 90, np.uint8)] * 2
    with pytest.warns(DeprecationWarning, match="^(size|steady) of"):
        old = list(colorize_frames(frames, size=32, steady=0.5))
    new = list(colorize_frames(frames, input_size=32, temporal_smoothing=0.5))
    assert all(np.array_equal(a, b) for a, b in zip(old, new, strict=True))
