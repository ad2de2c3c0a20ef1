"""Long jobs: killed and gone on with, shared among processes, stopped, out of space; always the same film."""

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from photochrom.errors import OptionError, OutputError, OutputExistsError, WriteError
from photochrom.hints import Hint
from photochrom.video.api import colorize_frames, colorize_video
from photochrom.video.guidance.hints import VideoHint, load_video_hints
from photochrom.video.media.segments import Segment, SegmentFile, cut_segments, is_whole_segment, load_state
from photochrom.video.summary import find_shots

av = pytest.importorskip("av", reason="films need the video extra")

OPTIONS = {"input_size": 32}
COMMAND = [sys.executable, "-m", "photochrom", "video"]


@pytest.fixture
def long_film(make_film):
    """Two shots, the second long enough for two segments."""
    return make_film("long.mp4", count=330, size=(48, 64), cut=50, sound=2.0)


def everything(path):
    """All packets of all streams."""
    with av.open(str(path)) as container:
        return [
            (p.stream.index, bytes(p), p.pts, p.dts, p.duration, p.is_keyframe) for p in container.demux() if p.size
        ]


def hidden(folder):
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def finished(folder):
    return len(list(folder.glob(".*photochrom-film/*.seg")))


def start(*arguments, **options):
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a test run started in the background would hand down deaf ears
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )


def wait_for(folder, process, segments):
    deadline = time.monotonic() + 120
    while finished(folder) < segments:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_killed_again_and_again_the_film_is_the_same(long_film, tmp_path):
    whole = tmp_path / "whole.mp4"
    report = colorize_video(long_film, whole, **OPTIONS)
    assert (report.frames, [shot.frames for shot in report.shots]) == (330, [50, 280])
    out = tmp_path / "killed.mp4"
    for segments in (1, 2):
        process = start(long_film, "-o", out, "--input-size", 32, "--resume")
        wait_for(tmp_path, process, segments)
        process.kill()
        process.communicate()
        assert not out.exists()
    with pytest.raises(OptionError) as caught:
        colorize_video(long_film, out, **OPTIONS)
    assert caught.value.code == "video.run_unfinished"
    with pytest.raises(OptionError) as caught:
        colorize_video(long_film, out, input_size=64, resume=True)
    assert (caught.value.code, caught.value.details["differences"]) == ("video.run_differs", "options")
    # what a power cut left half on the disk is made anew
    last = sorted(tmp_path.glob(".*photochrom-film/*.seg"))[-1]
    last.write_bytes(last.read_bytes()[:-9])
    report = colorize_video(long_film, out, **OPTIONS, resume=True)
    assert report.resumed >= 50
    assert everything(out) == everything(whole)
    assert hidden(tmp_path) == []


def test_several_processes_make_the_same_film(make_film, tmp_path):
    film = make_film("in.mkv", count=60, size=(48, 64), cut=20)
    one, two = tmp_path / "one.mkv", tmp_path / "two.mkv"
    colorize_video(film, one, **OPTIONS)
    done = start(film, "-o", two, "--input-size", 32, "--jobs", 2)
    assert done.communicate(timeout=120)[1] == ""
    assert done.returncode == 0
    assert everything(two) == everything(one)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_polite_stop_leaves_a_playable_part(long_film, tmp_path, decoded, number, code):
    out = tmp_path / "out.mp4"
    process = start(long_film, "-o", out, "--input-size", 32)
    wait_for(tmp_path, process, 1)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    part = tmp_path / "out.part.mp4"
    assert str(part) in errors
    assert "--resume" in errors
    assert errors.count("\n") == 1
    assert not out.exists()
    frames, times = decoded(part)
    assert 50 <= len(frames) < 330
    assert times == decoded(long_film)[1][: len(frames)]
    colorize_video(long_film, out, **OPTIONS, resume=True)
    assert len(decoded(out)[0]) == 330
    assert not part.exists()


def test_stopped_before_anything_is_there(long_film, tmp_path):
    event = threading.Event()
    event.set()
    report = colorize_video(long_film, tmp_path / "out.mp4", **OPTIONS, stop_event=event)
    assert report.stopped
    assert report.target is None
    assert hidden(tmp_path) == []


def test_two_runs_of_one_film_do_not_mix(long_film, tmp_path):
    process = start(long_film, "-o", tmp_path / "out.mp4", "--input-size", 32)
    wait_for(tmp_path, process, 1)
    with pytest.raises(OutputError) as caught:
        colorize_video(long_film, tmp_path / "out.mp4", **OPTIONS)
    assert caught.value.code == "video.output_in_use"
    process.kill()
    process.communicate()


def test_nothing_is_overwritten_unless_asked(make_film, tmp_path):
    film, out = make_film(count=3), tmp_path / "out.mp4"
    out.write_text("mine")
    with pytest.raises(OutputExistsError) as caught:
        colorize_video(film, out, **OPTIONS)
    assert caught.value.code == "video.output_exists"
    assert out.read_text() == "mine"
    colorize_video(film, out, **OPTIONS, overwrite=True)
    assert len(everything(out)) == 3
    with pytest.raises(OptionError) as caught:
        colorize_video(film, film, **OPTIONS, overwrite=True)
    assert caught.value.code == "video.output_is_source"
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(OptionError) as caught:
        colorize_video(film, tmp_path / "folder.mp4", **OPTIONS, overwrite=True)
    assert caught.value.code == "video.output_is_folder"


@pytest.mark.parametrize("room", [3000, 40_000])
def test_a_full_disk_is_one_sentence_and_can_be_gone_on_from(make_film, tmp_path, room):
    """A limit on the size of files stands in for the disk: first the segment, then the film is too large."""
    film = make_film(count=30, size=(96, 128), sound=2.0)
    out = tmp_path / "out.mp4"
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}));"
    code += "from photochrom.cli.main import main; import sys; sys.exit(main(sys.argv[1:]))"
    arguments = ["video", str(film), "-o", str(out), "--input-size", "32", "--quality", "10"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "out.mp4" in done.stderr
    assert not out.exists()
    assert [name for name in hidden(tmp_path) if "part" in name] == []
    colorize_video(film, out, **OPTIONS, quality=10, resume=True)
    assert out.stat().st_size > room


def test_a_network_that_is_not_there_leaves_nothing(make_film, tmp_path):
    from photochrom.errors import UnknownModelError

    with pytest.raises(UnknownModelError):
        colorize_video(make_film(count=2), tmp_path / "out.mp4", model="nobody")
    assert hidden(tmp_path) == []


def test_no_such_folder(make_film, tmp_path):
    with pytest.raises(WriteError) as caught:
        colorize_video(make_film(count=2), tmp_path / "nowhere" / "out.mp4")
    assert caught.value.code == "video.folder_not_writable"


def test_a_film_cut_short_is_saved_as_far_as_it_goes(make_film, tmp_path, decoded):
    film = make_film("in.mkv", count=60, options={"crf": "1", "preset": "ultrafast"})
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    done = start(film, "-o", tmp_path / "out.mkv", "--input-size", 32)
    _, errors = done.communicate(timeout=120)
    assert done.returncode == 1
    assert "in.mkv" in errors
    assert len(decoded(tmp_path / "out.mkv")[0]) > 5


def test_a_preview_has_every_nth_shot(make_film, tmp_path, decoded):
    film = make_film("in.mp4", count=50, size=(480, 640), cut=20, sound=1.0)
    report = colorize_video(film, tmp_path / "preview.mp4", **OPTIONS, preview_every=2)
    assert (report.height, report.width, report.frames, len(report.shots)) == (240, 320, 20, 2)
    frames, times = decoded(tmp_path / "preview.mp4")
    assert (len(frames), times[0]) == (20, 0)


def test_a_hint_colors_its_shot_and_no_other(make_film, tmp_path, decoded):
    film = make_film("in.mkv", count=24, cut=12, options={"qp": "0", "preset": "ultrafast"})
    plain, hinted = tmp_path / "plain.mkv", tmp_path / "hinted.mkv"
    colorize_video(film, plain, input_size=64, codec="ffv1", temporal_smoothing=0.0)
    hints = [VideoHint(Hint(48, 32, "#0030ff", radius=40), frame=2)]
    colorize_video(film, hinted, input_size=64, codec="ffv1", temporal_smoothing=0.0, hints=hints)
    change = [
        float(np.abs(a.to_ndarray().astype(int) - b.to_ndarray()).mean())
        for a, b in zip(decoded(hinted)[0], decoded(plain)[0], strict=True)
    ]
    assert change[2] > 0.5
    assert max(change[12:]) == 0


@pytest.mark.parametrize(
    ("hint", "code"),
    [
        ({"frame": 12}, "video.hint_frame_outside"),
        ({"time": 9.0}, "video.time_outside"),
        ({"frame": 2, "x": 900.0}, "video.hint_outside_picture"),
    ],
)
def test_hints_outside_the_film(make_film, tmp_path, hint, code):
    x = hint.pop("x", 5.0)
    with pytest.raises(OptionError) as caught:
        colorize_video(make_film(), tmp_path / "out.mp4", **OPTIONS, hints=[VideoHint(Hint(x, 5, "#fff"), **hint)])
    assert caught.value.code == code


@pytest.mark.parametrize("moment", [{}, {"time": 1.0, "frame": 2}, {"time": -1.0}, {"frame": 1.5}, {"frame": True}])
def test_a_hint_needs_one_moment(moment):
    with pytest.raises(OptionError) as caught:
        VideoHint(Hint(1, 2, "#00f"), **moment)
    assert caught.value.code == "video.hint_moment_invalid"


def test_hints_in_a_file_say_when_they_hold(tmp_path):
    path = tmp_path / "hints.json"
    path.write_text('[{"time": 2, "x": 1, "y": 2, "color": "#00f"}, {"frame": 3, "x": 1, "y": 2, "color": "#00f"}]')
    assert [(hint.time, hint.frame) for hint in load_video_hints(path)] == [(2, None), (None, 3)]
    path.write_text('[{"frame": 2, "x": 1, "y": 2, "color": "#00f"}, {"x": 1, "y": 2, "color": "#00f"}]')
    with pytest.raises(OptionError) as caught:
        load_video_hints(path)
    assert caught.value.code == "video.hint_entry_moment_invalid"
    assert caught.value.details == {"path": path, "number": 2, "time": None, "frame": None}


def test_shots_without_colour(make_film):
    shots = find_shots(make_film(count=40, cut=17))
    assert [(shot.first, shot.frames, shot.start, shot.seconds) for shot in shots] == [
        (0, 17, 0.0, 0.68),
        (17, 23, 0.68, 0.92),
    ]


def test_frames_of_another_reader(gray_frames):
    frames = gray_frames(70, (48, 64), 40)
    colored = list(colorize_frames(iter(frames), input_size=32))
    assert len(colored) == 70
    assert all(frame.shape == (48, 64, 3) and frame.dtype == np.uint8 for frame in colored)
    assert np.abs(colored[0].astype(int).mean(-1) - frames[0]).mean() < 6
    assert np.abs(colored[5][..., 0].astype(int) - colored[5][..., 2]).mean() > 1
    assert list(colorize_frames([])) == []
    for given, code in (
        ([frames[0], frames[0][:20]], "video.frame_shape_changed"),
        ([frames[0].astype(float)], "video.frame_unsupported"),
    ):
        with pytest.raises(OptionError) as caught:
            list(colorize_frames(given, input_size=32))
        assert caught.value.code == code


def test_segments_are_known_whole_or_not(tmp_path):
    from photochrom.video.media.encoder import Packet

    segment = Segment(0, 0, 10, 13)
    path = tmp_path / "0.seg"
    assert not is_whole_segment(path, segment)
    file = SegmentFile(path)
    file.write([Packet(b"key", 10, True), Packet(b"later", 12, False), Packet(b"earlier", 11, False)])
    assert not path.exists()
    file.finish()
    assert is_whole_segment(path, segment)
    assert not is_whole_segment(path, Segment(0, 0, 10, 14))
    data = path.read_bytes()
    for place in range(0, len(data), 3):
        harmed = bytearray(data)
        harmed[place] ^= 1
        path.write_bytes(bytes(harmed))
        assert not is_whole_segment(path, segment)
        path.write_bytes(data[:place])
        assert not is_whole_segment(path, segment)
    assert load_state(path) is None


def test_long_shots_are_cut_evenly():
    segments = cut_segments([(0, 1), (1, 601)], longest=250)
    assert [(s.shot, s.first, s.stop) for s in segments] == [(0, 0, 1), (1, 1, 201), (1, 201, 401), (1, 401, 601)]


@pytest.mark.parametrize("name", ["chaplin_bw_mp3audio.mp4", "cockatoo_colour_mp3audio.mp4", "bikes_colour_cuts.mp4"])
def test_real_films_keep_time_and_sound(shared_film, tmp_path, decoded, packets, name):
    """Frame count, time stamps, duration, size, and the packets of the sound: all the same."""
    source, out = shared_film(name), tmp_path / name
    colorize_video(source, out, **OPTIONS, preset="ultrafast")
    ours, our_times = decoded(out)
    theirs, their_times = decoded(source)
    assert our_times == their_times
    assert {(f.width, f.height, f.format.name) for f in ours} == {(f.width, f.height, f.format.name) for f in theirs}
    assert packets(out) == packets(source)
    with av.open(str(out)) as made, av.open(str(source)) as given:
        assert made.duration == given.duration
        for a, b in zip(made.streams, given.streams, strict=True):
            assert (a.type, a.duration, a.start_time, a.time_base) == (b.type, b.duration, b.start_time, b.time_base)


def test_the_report_is_json(make_film, tmp_path):
    report = colorize_video(make_film(), tmp_path / "out.mp4", **OPTIONS)
    entries = json.loads(report.save(tmp_path / "report.json").read_text())
    assert entries["frames"] == 12
    assert entries["shots"] == [{"first": 0, "frames": 12, "start": 0.0, "seconds": 0.48}]
    assert Path(entries["target"]).samefile(tmp_path / "out.mp4")
