"""Time: films put end to end in one file, edit lists, and files that break off or do not."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from photochrom.video.api import colorize_video
from photochrom.video.media.joins import find_joins
from photochrom.video.media.probe import probe
from photochrom.video.media.scan import frames_from, load_scan, save_scan, scan_video
from photochrom.video.media.wholeness import breaks_off

av = pytest.importorskip("av", reason="films need the video extra")

SIZE = (48, 64)


def mp2(seconds, rate=44100):
    """Make a track of a tone."""

    def tracks(output):
        stream = output.add_stream("mp2", rate=rate)
        stream.layout = "stereo"
        made = []
        wave = (8000 * np.sin(np.arange(round(seconds * rate)) * (2 * np.pi * 440 / rate))).astype(np.int16)
        for start in range(0, len(wave), 1152):
            part = wave[start : start + 1152]
            frame = av.AudioFrame.from_ndarray(np.repeat(part, 2)[None], "s16", "stereo")
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            made += stream.encode(frame)
        return [*made, *stream.encode(None)]

    return tracks


def put_end_to_end(target, *parts):
    target.write_bytes(b"".join(part.read_bytes() for part in parts))
    return target


@pytest.mark.parametrize("suffix", [".ts", ".mpg"])
@pytest.mark.parametrize("sound", [False, True])
def test_films_put_end_to_end_are_one_film(make_film, decoded, packets, tmp_path, suffix, sound):
    codec = "mpeg2video" if suffix == ".mpg" else "libx264"
    options = {"bf": "2"} if suffix == ".mpg" else None
    one, two = (
        make_film(
            f"{count}{suffix}",
            count=count,
            size=SIZE,
            codec=codec,
            options=options,
            base=Fraction(1, 25),
            tracks=mp2(count / 25) if sound else None,
        )
        for count in (20, 15)
    )
    film = put_end_to_end(tmp_path / f"both{suffix}", one, two)
    out = tmp_path / "out.mp4"
    report = colorize_video(film, out, input_size=32)
    times = decoded(out)[1]
    assert [round((time - times[0]) * 25) for time in times] == list(range(35))
    assert max(np.abs(np.diff([float(time) for time in times]) - 0.04)) < 0.001
    assert sum("joined to one continuous film" in note for note in report.notes) == 1
    assert (report.problem, report.broken) == (None, 0)
    if sound:
        found = packets(out)
        ends = [time + length for _, time, _, length in found]
        assert abs(float(max(ends) - max(times)) - 0.04) < 0.06
        assert all(b[2] > a[2] for a, b in pairwise(found))
        # nothing of the sound is gone but what overlaps at the join
        assert len(found) >= len(packets(one)) + len(packets(two)) - 1


def test_three_films_and_a_scan_that_is_kept(make_film, tmp_path):
    part = make_film("a.ts", count=12, size=SIZE, base=Fraction(1, 25))
    film = probe(put_end_to_end(tmp_path / "three.ts", part, part, part))
    scan = scan_video(film)
    assert (scan.count, scan.repaired, len(scan.joins)) == (36, 0, 2)
    assert set(np.diff(scan.pts)) == {3600}
    save_scan(tmp_path / "scan.npz", scan)
    again = load_scan(tmp_path / "scan.npz")
    assert again.joins == scan.joins
    assert [frame.pts for frame in frames_from(film, again, 20)] == scan.pts[20:].tolist()


def test_one_wrong_stamp_is_not_a_join(make_film):
    path = make_film("a.ts", count=20, size=SIZE, base=Fraction(1, 25))
    before = scan_video(probe(path))
    data = bytearray(path.read_bytes())
    places = [n for n in range(0, len(data), 188) if data[n + 1] & 0x40 and b"\0\0\1\xe0" in data[n : n + 188]]
    place = data.index(b"\0\0\1\xe0", places[10])
    # the stamp's lowest bits, of the presentation and of the decoding time where there is one
    for offset in (9, 14)[: 1 + bool(data[place + 7] & 0x40)]:
        data[place + offset : place + offset + 5] = bytes([data[place + offset] & 0xF1, 0, 1, 0, 1])
    path.write_bytes(bytes(data))
    film = probe(path)
    assert find_joins(film) == ()
    assert scan_video(film).count == before.count


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.webm", "a.avi", "a.ts"])
@pytest.mark.parametrize("sound", [0.0, 3.0])
def test_a_whole_film_is_not_called_short(make_film, name, sound):
    """Also where the sound is much longer than the picture."""
    if name == "a.webm":
        film = make_film(name, count=15, size=SIZE, codec="libvpx-vp9", options={"deadline": "realtime"})
    else:
        film = make_film(name, count=15, size=SIZE, sound=sound)
    assert not scan_video(probe(film)).short
    assert breaks_off(film) in (False, None)


@pytest.mark.parametrize("name", ["a.mkv", "a.avi", "a.mov"])
@pytest.mark.parametrize("sound", [0.0, 2.0])
def test_a_film_that_breaks_off_is_called_short(make_film, tmp_path, name, sound):
    film = make_film(name, count=50, size=SIZE, sound=sound, options={"crf": "1", "preset": "ultrafast", "g": "5"})
    if name == "a.mov":
        with (
            av.open(str(film)) as source,
            av.open(str(tmp_path / "front.mov"), "w", container_options={"movflags": "+faststart"}) as output,
        ):
            streams = {s.index: output.add_stream_from_template(s, opaque=True) for s in source.streams}
            for packet in source.demux():
                if packet.dts is not None:
                    packet.stream = streams[packet.stream.index]
                    output.mux(packet)
        film = tmp_path / "front.mov"
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    assert breaks_off(film)
    scan = scan_video(probe(film))
    assert scan.short
    assert 5 < scan.count < 50


def test_an_edit_list_is_not_a_film_that_breaks_off(make_film, decoded, tmp_path):
    source = make_film("a.mp4", count=24, size=SIZE, sound=1.0)
    cut = tmp_path / "cut.mp4"
    with av.open(str(source)) as given, av.open(str(cut), "w") as output:
        streams = {s.index: output.add_stream_from_template(s, opaque=True) for s in given.streams}
        for packet in given.demux():
            if packet.dts is None:
                continue
            ticks = round(Fraction(2, 5) / packet.time_base)
            packet.pts, packet.dts = packet.pts - ticks, packet.dts - ticks
            packet.stream = streams[packet.stream.index]
            output.mux(packet)
    shown = len(decoded(cut)[0])
    assert 10 < shown < 20
    for name in ("out.mp4", "out.mkv"):
        report = colorize_video(cut, tmp_path / name, input_size=32)
        assert (report.problem, report.frames) == (None, shown)
        assert len(decoded(tmp_path / name)[0]) == shown
        with av.open(str(tmp_path / name)) as made:
            starts = [float(s.start_time * s.time_base) for s in made.streams]
        # a decoder of sound gets a tenth of a second to begin
        assert max(starts) - min(starts) < 0.13


def test_a_picture_that_is_the_one_before_is_shown_longer(make_film):
    """AVI has chunks of no bytes for it."""
    film = make_film("a.avi", count=15, size=SIZE, times=[*range(6), *range(8, 17)])
    scan = scan_video(probe(film))
    assert (scan.count, scan.broken, scan.short) == (15, 0, False)
    assert sorted(scan.durations.tolist()) == [1] * 14 + [3]
