"""What colouring a video costs, against a plain transcode of the same video, and how much memory a long one takes.

    python benchmarks/video.py speed [VIDEO...]    640x360 and 1920x1080 unless videos are named
    python benchmarks/video.py memory --minutes 10 a 1920x1080 video of that length, peak resident memory
    python benchmarks/video.py flat --minutes 120  a 240x136 one of few frames a second: resident memory in the first
                                                   ten minutes of it and in the last, which may differ by 5 % (Linux)

The plain transcode decodes with PyAV and encodes with x264 at the same preset and quality, picture only. Both run in
turn, as processes of their own, on the same two processors (--cores); figures are medians of --pairs. The second ratio
is of processor time, which other work on the machine hardly changes.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from photochrom.video.api import colorize_video
from photochrom.video.report import Progress

RATE = 25
TRANSCODE = """
import sys, av
with av.open(sys.argv[1]) as source, av.open(sys.argv[2], "w") as output:
    given = source.streams.video[0]
    given.thread_type = "AUTO"
    stream = output.add_stream("libx264", rate=given.average_rate, options={"preset": "veryfast", "crf": "18"})
    stream.width, stream.height, stream.pix_fmt = given.width, given.height, given.pix_fmt
    stream.time_base = stream.codec_context.time_base = given.time_base
    for frame in source.decode(given):
        frame.pict_type = 0
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))
"""


def make_video(path: Path, width: int, height: int, seconds: float, repeat: int = 1, rate: int = RATE) -> None:
    """Pans over a photo with grain, a cut every 50 frames; its packets come again ``repeat`` times."""
    sample = Path(__file__).parents[1] / "docs" / "photos" / "astronaut_gray.jpg"
    photo = Image.open(sample).convert("L")
    grain = np.random.default_rng(0).normal(0, 3, (height + 64, width + 64)).astype(np.int16)
    packets: list[av.Packet[av.VideoStream]] = []
    count = round(seconds * rate)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        shot = np.empty(0)
        for number in range(count):
            if number % (2 * RATE) == 0:
                turned = photo.rotate(90 * (number // (2 * RATE)))
                shot = np.asarray(turned.resize((width + 4 * RATE, width + 4 * RATE)), np.int16)
            step, place = number % (2 * RATE), number * 37 % 64
            part = shot[step : step + height, 2 * step : 2 * step + width]
            part = part + grain[place : place + height, place : place + width]
            frame = av.VideoFrame(width, height, "yuv420p")
            for index, plane in enumerate(frame.planes):
                values = np.frombuffer(plane, np.uint8).reshape(plane.height, -1)  # type: ignore[call-overload]
                values[:, : plane.width] = np.clip(part, 16, 235) if index == 0 else 128
            frame.pts, frame.time_base = number, Fraction(1, rate)
            packets += stream.encode(frame)
        packets += stream.encode(None)
        kept = [(bytes(p), p.pts or 0, p.dts or 0, p.is_keyframe) for p in packets]
        for turn in range(repeat):
            for data, pts, dts, key in kept:
                packet = av.Packet(data)
                packet.pts, packet.dts, packet.is_keyframe = pts + turn * count, dts + turn * count, key
                packet.time_base, packet.stream = Fraction(1, rate), stream
                output.mux(packet)


def run(command: list[str]) -> tuple[float, float]:
    """Seconds on the clock, and of the processors."""
    start, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - start, busy


def speed(videos: list[Path], folder: Path, pairs: int) -> None:
    if not videos:
        videos = [folder / "640x360.mp4", folder / "1920x1080.mp4"]
        make_video(videos[0], 640, 360, 20)
        make_video(videos[1], 1920, 1080, 10)
    ours, theirs = folder / "ours.mp4", folder / "theirs.mp4"
    for video in videos:
        with av.open(str(video)) as source:
            frames = sum(1 for packet in source.demux(video=0) if packet.size)
        color = [sys.executable, "-m", "photochrom", "video", str(video), "-o", str(ours), "--overwrite", "--quiet"]
        rows = []
        for _ in range(pairs):
            a, busy_a = run(color)
            b, busy_b = run([sys.executable, "-c", TRANSCODE, str(video), str(theirs)])
            rows.append((frames / a, frames / b, a / b, busy_a / busy_b, busy_a / frames * 1e3))
        a, b, clock, busy, each = (statistics.median(column) for column in zip(*rows, strict=True))
        print(
            f"{video.name}: photochrom {a:.1f} frames/s   plain transcode {b:.1f} frames/s   "
            f"{clock:.2f} times its time, {busy:.2f} times its processor time ({each:.1f} ms a frame)"
        )


def memory(folder: Path, minutes: float) -> None:
    video = folder / "long.mp4"
    make_video(video, 1920, 1080, 10, repeat=max(1, round(minutes * 6)))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    seconds, _ = run(
        [sys.executable, "-m", "photochrom", "video", str(video), "-o", str(folder / "out.mp4"), "--quiet"]
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert peak > before, "an earlier child was larger: run this alone"
    print(f"{minutes:g} minutes of 1920x1080: peak {peak / 1e6:.2f} GB, {seconds:.0f} s")


def resident() -> int:
    """Resident memory of this process, bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def flat(folder: Path, minutes: float, rate: int) -> bool:
    """Whether memory in the last ten minutes of a long film is within 5 % of that in the first."""
    video = folder / "long.mp4"
    make_video(video, 240, 136, 100 / rate, repeat=max(1, round(minutes * 60 * rate / 100)), rate=rate)
    seen: dict[str, list[list[int]]] = {"scan": [], "color": []}

    def watch(progress: Progress) -> None:
        if progress.phase not in seen or not progress.done:
            return
        part, parts = (progress.done - 1) // (600 * rate), seen[progress.phase]
        while len(parts) <= part:
            parts.append([])
        if progress.done % 10 == 0:
            parts[part].append(resident())

    start = time.perf_counter()
    colorize_video(video, folder / "out.mp4", on_progress=watch)
    print(f"{minutes:g} minutes of 240x136, {rate} frames a second: {time.perf_counter() - start:.0f} s")
    for phase, parts in seen.items():
        print(f"{phase}: MB in each ten minutes", *(f"{statistics.mean(part) / 1e6:.0f}" for part in parts if part))
    first, last = (statistics.mean(seen["color"][place]) for place in (0, -1))
    print(f"last against first: {last / first - 1:+.1%}")
    return abs(last / first - 1) <= 0.05


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["speed", "memory", "flat"])
    parser.add_argument("videos", nargs="*", type=Path)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--rate", type=int, default=5, help="frames a second of the film that is to be flat")
    parser.add_argument("--cores", type=int, default=2)
    given = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.cores])
    with tempfile.TemporaryDirectory() as name:
        if given.what == "speed":
            speed(given.videos, Path(name), given.pairs)
        elif given.what == "memory":
            memory(Path(name), given.minutes or 10)
        elif not flat(Path(name), given.minutes or 120, given.rate):
            sys.exit(1)
