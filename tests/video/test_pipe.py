"""Y4M through pipes: ``photochrom video - -o -`` as a program among others."""

import io
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photochrom.cli.main import main
from photochrom.errors import OptionError, PhotochromError, UnreadableFilmError, WriteError
from photochrom.video.execution.stream import stream_film, stream_pipe
from photochrom.video.media.y4m import PipedFilm
from photochrom.video.options import VideoOptions

av = pytest.importorskip("av", reason="films need the video extra")

SMALL = VideoOptions(input_size=32)
KINDS = {
    "mono XCOLORRANGE=FULL": ("gray", "yuv420p"),
    "420jpeg": ("yuv420p", "yuv420p"),
    "422": ("yuv422p", "yuv422p"),
    "444": ("yuv444p", "yuv444p"),
    "420p10": ("yuv420p10le", "yuv420p10le"),
    "422p10 XCOLORRANGE=FULL": ("yuv422p10le", "yuv422p10le"),
    "mono10": ("gray10le", "yuv420p10le"),
}


@pytest.fixture
def make_y4m(gray_frames):
    """Write Y4M by the letter of its description; its bytes and its luma."""

    def make(kind="420jpeg", count=9, size=(64, 96), cut=None, head="F25:1 Ip A1:1"):
        name = kind.split()[0]
        deep = name.endswith("10")
        frames = gray_frames(count, size, cut)
        luma = frames.astype("<u2") << 2 if deep else frames
        across, down = {"mono": (0, 0), "420": (2, 2), "422": (2, 1), "444": (1, 1)}[name[:4].rstrip("jp")]
        samples = 0 if not across else 2 * (size[0] // down) * (size[1] // across)
        gray = np.full(samples, 512 if deep else 128, luma.dtype).tobytes()
        lines = [f"YUV4MPEG2 W{size[1]} H{size[0]} {head} C{kind}\n".encode()]
        lines += [b"FRAME\n" + plane.tobytes() + gray for plane in luma]
        return b"".join(lines), luma

    return make


def read_back(data):
    with av.open(io.BytesIO(data), format="yuv4mpegpipe") as film:
        stream = film.streams.video[0]
        return list(film.decode(stream)), stream.average_rate


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_pixels_keeps_its_luma(make_y4m, luma, kind):
    data, codes = make_y4m(kind)
    out = io.BytesIO()
    report = stream_pipe(io.BytesIO(data), out, options=SMALL)
    frames, rate = read_back(out.getvalue())
    taken, made = KINDS[kind]
    assert (report.pixel_format, report.frames, rate) == (made, 9, 25)
    assert PipedFilm(io.BytesIO(data), "-").video.pixel_format == taken
    assert all(np.array_equal(luma(frame), own) for frame, own in zip(frames, codes, strict=True))
    assert {frame.format.name for frame in frames} == {made}
    assert {int(frame.color_range) for frame in frames} == {2 if "FULL" in kind or "mono" in kind else 1}
    colors = np.frombuffer(frames[4].planes[1], np.uint16 if "10" in kind else np.uint8)
    assert colors.std() > 1


def test_a_pipe_gives_what_a_file_gives(make_y4m, tmp_path):
    data, _ = make_y4m(count=30, cut=14, head="F24000:1001 It A4:3")
    (tmp_path / "film.y4m").write_bytes(data)
    piped, streamed = io.BytesIO(), io.BytesIO()
    one = stream_pipe(io.BytesIO(data), piped, options=SMALL)
    other = stream_film(tmp_path / "film.y4m", streamed, options=SMALL)
    assert main(["video", str(tmp_path / "film.y4m"), "-o", str(tmp_path / "out.y4m"), "--input-size", "32", "-q"]) == 0
    assert piped.getvalue() == streamed.getvalue() == (tmp_path / "out.y4m").read_bytes()
    assert piped.getvalue().startswith(b"YUV4MPEG2 W96 H64 F24000:1001 It A4:3 C420jpeg XCOLORRANGE=LIMITED\nFRAME\n")
    assert [shot.first for shot in one.shots] == [shot.first for shot in other.shots] == [0, 14]


class Trickle:
    """A source that notes how far it was read when the first output came, and how far ahead of the output it gets."""

    def __init__(self, data):
        self.data, self.place, self.written, self.first, self.widest = data, 0, 0, None, 0

    def read(self, size):
        part = self.data[self.place : self.place + min(size, 4096)]
        self.place += len(part)
        self.widest = max(self.widest, self.place - self.written)
        return part

    def write(self, data):
        if self.first is None:
            self.first = self.place
        self.written += len(data)
        return len(data)

    def flush(self):
        pass


def test_output_begins_early_and_stays_close_behind(make_y4m):
    data, _ = make_y4m(count=300, size=(32, 48))
    film = Trickle(data)
    assert stream_pipe(film, film, options=SMALL).frames == 300
    frame = len(data) / 300
    assert film.first / frame < 130
    assert film.widest / frame < 160
    assert film.written == pytest.approx(len(data), rel=0.01)


def test_the_end_inside_a_frame_is_said(make_y4m):
    data, _ = make_y4m()
    out = io.BytesIO()
    report = stream_pipe(io.BytesIO(data[:-100]), out, options=SMALL)
    assert report.frames == len(read_back(out.getvalue())[0]) == 8
    assert "after 8 whole ones" in report.problem
    assert stream_pipe(io.BytesIO(data), io.BytesIO(), options=SMALL).problem is None


class Closed(io.BytesIO):
    def write(self, data):
        if self.tell() > 20_000:
            raise BrokenPipeError
        return super().write(data)


def test_nobody_reads(make_y4m):
    data, _ = make_y4m(count=40)
    with pytest.raises(WriteError) as caught:
        stream_pipe(io.BytesIO(data), Closed(), options=SMALL)
    assert caught.value.code == "video.pipe_closed"
    assert not [thread for thread in threading.enumerate() if thread.name == "photochrom-ahead"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "video.pipe_empty"),
        (b"hello", "video.pipe_not_a_film"),
        (b"\x1a\x45\xdf\xa3" + bytes(500), "video.pipe_not_y4m"),
        (b"YUV4MPEG2 W96 H64 F25:1\nFRAME\n" + bytes(50), "video.pipe_damaged"),
        (b"YUV4MPEG2 \n", "video.pipe_damaged"),
    ],
)
def test_what_is_not_y4m(data, code):
    with pytest.raises(UnreadableFilmError) as caught:
        stream_pipe(io.BytesIO(data), io.BytesIO())
    assert caught.value.code == code


@given(st.data())
def test_damaged_headers_end_in_a_sentence(data):
    head = bytearray(b"YUV4MPEG2 W32 H16 F25:1 Ip A1:1 C420jpeg XCOLORRANGE=LIMITED\nFRAME\n")
    for _ in range(data.draw(st.integers(1, 4))):
        head[data.draw(st.integers(10, len(head) - 1))] = data.draw(st.integers(0, 255))
    try:
        film = PipedFilm(io.BytesIO(bytes(head) + bytes(32 * 16 * 4)), "-")
        assert all(frame.luma.shape == (film.video.height, film.video.width) for frame in film.frames())
    except PhotochromError:
        pass


def test_uneven_films_are_refused_before_the_first_frame(make_film):
    film = make_film("uneven.mkv", times=[0, 40, 80, 300, 340, 900, 940, 980, 1020, 1300, 1340, 1380], base=None)
    out = io.BytesIO()
    with pytest.raises(OptionError) as caught:
        stream_film(film, out, options=SMALL)
    assert (caught.value.code, out.getvalue()) == ("video.uneven_spacing", b"")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["-", "-o", "out.mp4"], 2),
        (["-", "-o", "-", "--codec", "h264"], 2),
        (["-", "-o", "-", "--start", "1"], 2),
        (["film.mp4", "-o", "-", "--resume"], 2),
        (["missing.mp4", "-o", "-"], 1),
    ],
)
def test_what_does_not_go_with_a_pipe(tmp_path, monkeypatch, capfd, words, code):
    monkeypatch.chdir(tmp_path)
    assert main(["video", *words]) == code
    out, errors = capfd.readouterr()
    assert (out, errors.count("\n")) == ("", 1)


@pytest.mark.integration
def test_among_real_programs(make_film, tmp_path):
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("ffmpeg is not installed")
    film = make_film(count=30)
    ours = f"'{sys.executable}' -m photochrom video - -o - --input-size 32"
    line = (
        f"set -o pipefail; '{ffmpeg}' -v error -i '{film}' -f yuv4mpegpipe - | {ours}"
        f" | '{ffmpeg}' -v error -i - -i '{film}' -map 0:v -map 1:a? -c:v ffv1 '{tmp_path}/out.mkv'"
    )
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("- -> -  30 frames")
    with av.open(str(tmp_path / "out.mkv")) as made:
        assert len(list(made.decode(video=0))) == 30
    # a reader that ends early
    line = f"'{ffmpeg}' -v error -stream_loop 50 -i '{film}' -f yuv4mpegpipe - 2>/dev/null | {ours} | head -c 9000"
    done = subprocess.run(["bash", "-c", f"{line} >/dev/null; echo ${{PIPESTATUS[1]}}"], capture_output=True, text=True)
    assert (done.stdout, done.stderr.count("\n")) == ("1\n", 1)
