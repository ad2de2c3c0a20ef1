"""Real films, small: pans over real photos, in whatever container, codec and kind of pixels a test asks for."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

SHARED = Path(__file__).parents[2] / "../shared/data/video"


@pytest.fixture(scope="session")
def gray_frames():
    """Make gray frames (n,h,w) uint8, 16..235: a pan over one photo, and from frame ``cut`` on over another."""
    photos = [Image.fromarray(p).convert("L") for p in (skimage.data.astronaut(), skimage.data.coffee())]

    def make(count, size=(64, 96), cut=None):
        height, width = size
        whole = [np.asarray(photo.resize((width + 2 * count + 2, height + 8))) for photo in photos]
        frames = []
        for number in range(count):
            photo = whole[0 if cut is None or number < cut else 1]
            frames.append(photo[4 : 4 + height, 2 * number : 2 * number + width])
        return (16 + np.stack(frames) * (219 / 255)).astype(np.uint8)

    return make


@pytest.fixture
def make_film(tmp_path, gray_frames):
    """Write a film with PyAV; its path."""
    av = pytest.importorskip("av", reason="films need the video extra")

    def make(
        name="film.mp4",
        *,
        count=12,
        size=(64, 96),
        cut=None,
        codec="libx264",
        pixels="yuv420p",
        options=None,
        times=None,
        base=None,
        rate=Fraction(25),
        sound=0.0,
        tracks=None,
        set_up=None,
        field=None,
        metadata=None,
    ):
        path = tmp_path / name
        # AVI counts in frames
        base = base or (1 / rate if path.suffix == ".avi" else Fraction(1, 12800))
        frames = gray_frames(count, size, cut)
        times = times or [round(number / rate / base) for number in range(count)]
        with av.open(str(path), "w") as output:
            options = {"crf": "10", "preset": "ultrafast"} if options is None else options
            stream = output.add_stream(codec, rate=rate, options=options, time_base=base)
            stream.height, stream.width, stream.pix_fmt = *size, pixels
            if set_up is not None:
                set_up(stream)
            tone = output.add_stream("aac", rate=44100) if sound else None
            more = tracks(output) if tracks is not None else ()
            output.metadata.update(metadata or {})
            marked = _Fields(av, size, pixels, field) if field else lambda frame: frame
            for gray, pts in zip(frames, times, strict=True):
                frame = marked(_frame(av, gray, pixels))
                frame.pts, frame.time_base = pts, base
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
            if tone is not None:
                _play(av, output, tone, sound)
            for packet in more:
                output.mux(packet)
        return path

    return make


def _frame(av, gray, pixels):
    planar = pixels.startswith(("yuv4", "gray"))
    kind = pixels if planar else "yuv420p"
    frame = av.VideoFrame(gray.shape[1], gray.shape[0], kind)
    bits = frame.format.components[0].bits
    dtype = np.uint8 if bits == 8 else np.uint16
    for number, plane in enumerate(frame.planes):
        values = np.ndarray((plane.height, plane.width), dtype, plane, strides=(plane.line_size, dtype().itemsize))
        values[:] = (gray.astype(dtype) << bits - 8) if number == 0 else 1 << bits - 1
    frame.color_range, frame.colorspace = 1, 6
    return frame if planar else frame.reformat(format=pixels)


class _Fields:
    def __init__(self, av, size, pixels, field):
        self.graph = av.filter.Graph()
        source = self.graph.add_buffer(
            width=size[1], height=size[0], format=av.VideoFormat(pixels), time_base=Fraction(1, 25)
        )
        self.graph.link_nodes(source, self.graph.add("setfield", field), self.graph.add("buffersink")).configure()

    def __call__(self, frame):
        self.graph.vpush(frame)
        return self.graph.vpull()


def _play(av, output, stream, seconds):
    rate = 44100
    wave = np.sin(np.arange(round(seconds * rate)) * (2 * np.pi * 440 / rate)).astype(np.float32)
    for start in range(0, len(wave), 1024):
        part = wave[start : start + 1024]
        frame = av.AudioFrame.from_ndarray(np.stack([part, part]), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


@pytest.fixture(scope="session")
def write_gray_film():
    """Writes frames (n,H,W,3), uint8, as a film without colour, kept as it is; 25 frames a second."""
    av = pytest.importorskip("av", reason="films need the video extra")

    def write(path, frames):
        with av.open(str(path), "w") as output:
            stream = output.add_stream("ffv1", rate=Fraction(25))
            stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], "gray"
            for frame in frames:
                gray = np.asarray(Image.fromarray(frame).convert("L"))
                output.mux(stream.encode(av.VideoFrame.from_ndarray(gray, format="gray")))
            output.mux(stream.encode(None))
        return path

    return write


@pytest.fixture
def decoded():
    """Read a film's frames: planes as they are stored, and the time of each in seconds."""
    av = pytest.importorskip("av", reason="films need the video extra")

    def read(path):
        with av.open(str(path)) as container:
            frames = list(container.decode(video=0))
            return frames, [frame.pts * frame.time_base for frame in frames]

    return read


@pytest.fixture
def packets():
    """Read the packets of a film's streams of a kind: bytes, time, decoding time and duration, in seconds."""
    av = pytest.importorskip("av", reason="films need the video extra")

    def read(path, kind="audio"):
        with av.open(str(path)) as container:
            streams = [stream for stream in container.streams if stream.type == kind]
            return [
                (bytes(p), p.pts * p.time_base, p.dts * p.time_base, p.duration * p.time_base)
                for p in (container.demux(streams) if streams else ())
                if p.size
            ]

    return read


@pytest.fixture
def shared_film():
    """A film of the shared data."""

    def find(name):
        path = SHARED / name
        if not path.exists():
            pytest.skip("shared data not here")
        return path

    return find


def luma(frame):
    """The luma plane of a PyAV frame, a copy."""
    wide = frame.format.components[0].bits > 8
    plane = frame.planes[0]
    dtype = np.uint16 if wide else np.uint8
    return np.frombuffer(plane, dtype).reshape(plane.height, -1)[:, : plane.width].copy()


@pytest.fixture(name="luma")
def luma_fixture():
    """Take the luma plane of a PyAV frame."""
    return luma
