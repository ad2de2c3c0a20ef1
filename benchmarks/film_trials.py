"""Films made wrong or odd on purpose, one after the other: a whole film, or one sentence before the first frame.

    python benchmarks/film_trials.py mutated [--count 200]    bytes changed, cut out and cut off in films
    python benchmarks/film_trials.py odd [--count 60]         sounds, containers, codecs and pixels in odd combinations
    python benchmarks/film_trials.py killed [--count 20]      kill -9 at random moments, then --resume, byte by byte
    python benchmarks/film_trials.py stopped [--count 20]     Ctrl-C at random moments, the same
    python benchmarks/film_trials.py full [--count 20]        a disk with no more room at random moments, the same

Needs ffmpeg, and prlimit for the last. Each film is a process of its own, which a hang or a crash ends alone. What is
neither a film that can be read back nor one sentence is a fault, and the exit status is then 1.
"""

import argparse
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import av

from photochrom.cli.main import main
from photochrom.video import job

#: what was done, what came of it, and what was said
Verdict = tuple[str, str, str]
#: opened before the processes are forked
LOADED = job
#: seconds after which a run is taken to hang
HANGS = 300
SOUNDS = {
    "none": ["-an"],
    "aac": ["-c:a", "aac"],
    "pcm 11 kHz": ["-c:a", "pcm_s16le", "-ar", "11025"],
    "ac3 5.1": ["-c:a", "ac3", "-ac", "6"],
    "mp3 mono": ["-c:a", "libmp3lame", "-ac", "1"],
    "opus": ["-c:a", "libopus"],
    "flac 96 kHz": ["-c:a", "flac", "-ar", "96000"],
}
PICTURES = {
    "h264": ["-c:v", "libx264", "-pix_fmt", "yuv420p"],
    "h264 10 bits 4:2:2": ["-c:v", "libx264", "-pix_fmt", "yuv422p10le"],
    "mpeg4": ["-c:v", "mpeg4"],
    "mpeg2 fields": ["-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-top", "1"],
    "mjpeg": ["-c:v", "mjpeg", "-pix_fmt", "yuvj444p"],
    "ffv1 gray": ["-c:v", "ffv1", "-pix_fmt", "gray"],
    "prores alpha": ["-c:v", "prores_ks", "-pix_fmt", "yuva444p10le"],
    "vp9": ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"],
}
#: ways to end a run in the middle
ENDED = ("killed", "stopped", "full")
SOURCES = ("mkv", "mov", "avi", "mp4", "ts", "mxf", "webm", "ogv")
TARGETS = ("mp4", "mov", "mkv", "webm", "avi", "mpg", "ts", "gif", "webp", "y4m")


def make(path: Path, picture: list[str], sound: list[str], seconds: float = 0.8) -> bool:
    """Make a film; whether ffmpeg could."""
    source = ["-f", "lavfi", "-i", f"testsrc2=s=96x64:r=25:d={seconds}", "-f", "lavfi", "-i", f"sine=d={seconds}"]
    line = ["ffmpeg", "-v", "error", "-y", *source, *picture, *sound, "-strict", "-2", str(path)]
    return subprocess.run(line, capture_output=True, check=False).returncode == 0


def color(source: Path, target: Path, *more: str) -> tuple[int, str]:
    """Exit status, and what was said; in a process that was forked, which saves the imports of each."""
    words = ["video", str(source), "-o", str(target), "--input-size", "32", *more]
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(said.fileno(), 2)
            code = main(words)
            sys.stderr.flush()
            os._exit(code)
        end = time.monotonic() + HANGS
        while not (ended := os.waitpid(child, os.WNOHANG))[0]:
            if time.monotonic() > end:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                raise TimeoutError
            time.sleep(0.02)
        said.seek(0)
        return os.waitstatus_to_exitcode(ended[1]), said.read().decode(errors="replace")


def judge(source: Path, target: Path) -> tuple[str, str]:
    """What came of a film: "film", "cut" (a film and a sentence), "sentence"; or a fault, and its words."""
    try:
        status, errors = color(source, target)
    except TimeoutError:
        return "fault", "hangs"
    said = [line for line in errors.splitlines() if line.startswith("photochrom: ")]
    if status not in (0, 1, 2) or len(said) != (status != 0):
        return "fault", f"status {status}: {errors.strip()[-300:]}"
    if not target.exists():
        return ("sentence", said[0]) if status else ("fault", "status 0 and no film")
    with av.open(str(target)) as film:
        frames = 1 if target.suffix == ".webp" else sum(1 for _ in film.decode(video=0))
    target.unlink()
    if not frames:
        return "fault", "a film without frames"
    if status and "cut short" not in said[0]:
        return "fault", f"a film, and: {said[0]}"
    return ("cut", said[0]) if status else ("film", "")


def mutate(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    way = chance.choice(("bytes", "bytes", "cut off", "cut out", "doubled", "zeros"))
    place = chance.randrange(len(data))
    length = chance.randrange(1, max(2, len(data) // 4))
    if way == "bytes":
        for _ in range(chance.choice((1, 4, 40))):
            changed[chance.randrange(len(data))] = chance.randrange(256)
    elif way == "cut off":
        del changed[max(1, place) :]
    elif way == "cut out":
        del changed[place : place + length]
    elif way == "doubled":
        changed[place:place] = changed[place : place + length]
    else:
        changed[place : place + length] = bytes(len(changed[place : place + length]))
    return bytes(changed)


def mutated(folder: Path, count: int, chance: random.Random) -> Iterator[Verdict]:
    films = []
    for suffix, (name, picture) in itertools.product(SOURCES, PICTURES.items()):
        path = folder / f"{name.replace(' ', '-').replace(':', '')}.{suffix}"
        if make(path, picture, SOUNDS["aac"]):
            films.append(path)
    for number in range(count):
        film = chance.choice(films)
        wrong = folder / f"wrong{number}{film.suffix}"
        wrong.write_bytes(mutate(film.read_bytes(), chance))
        yield f"{number} {film.name}", *judge(wrong, folder / f"out{number}.mkv")
        wrong.unlink()


def odd(folder: Path, count: int, chance: random.Random) -> Iterator[Verdict]:
    ways = list(itertools.product(SOURCES, PICTURES, SOUNDS, TARGETS))
    chance.shuffle(ways)
    made = 0
    for suffix, picture, sound, target in ways:
        if made == count:
            break
        source = folder / f"in.{suffix}"
        if make(source, PICTURES[picture], SOUNDS[sound]):
            made += 1
            yield f"{suffix}, {picture}, {sound} to {target}", *judge(source, folder / f"out.{target}")


def kill(words: list[str], moment: float) -> str:
    """Runs a command and kills it after some seconds; what was wrong with how it ended."""
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(moment)
        process.kill()
    return ""


def interrupt(words: list[str], moment: float) -> str:
    """The same with Ctrl-C, to which a sentence is the answer."""
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(moment)
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=HANGS)[1]
    # before it has loaded its libraries, the signal itself ends it
    wrong = "Traceback" in errors and "photochrom/cli" in errors
    return errors.strip()[-300:] if wrong else ""


def fill(words: list[str], size: int) -> str:
    """The same with files that may have so many bytes and no more, which FFmpeg is told as of a full disk."""
    limited = ["prlimit", f"--fsize={size}", *words]
    done = subprocess.run(limited, capture_output=True, text=True, check=False, timeout=HANGS)
    said = [line for line in done.stderr.splitlines() if line.startswith("photochrom: ")]
    one = len(said) == 1 and "Traceback" not in done.stderr
    return "" if not done.returncode or one else f"status {done.returncode}: {done.stderr.strip()[-300:]}"


def ended(folder: Path, count: int, chance: random.Random, way: str) -> Iterator[Verdict]:
    """Runs that are ended at random moments and gone on with, against one that is not."""
    source, whole, target = folder / "in.mkv", folder / "whole.mkv", folder / "out.mkv"
    make(source, PICTURES["h264"], SOUNDS["aac"], seconds=24)
    words = [sys.executable, "-m", "photochrom", "video", str(source), "-o", str(target), "--input-size", "32"]
    start = time.perf_counter()
    subprocess.run([str(whole) if word == str(target) else word for word in words], capture_output=True, check=True)
    took = time.perf_counter() - start
    for number in range(count):
        target.unlink(missing_ok=True)
        part = chance.uniform(0.05, 1.0)
        if way == "full":
            wrong = fill(words, round(part * whole.stat().st_size))
        else:
            wrong = (kill if way == "killed" else interrupt)(words, part * took)
        # a part that can be played may lie in the film's place
        status, errors = color(source, target, "--resume", *(["--overwrite"] if target.exists() else []))
        same = target.exists() and target.read_bytes() == whole.read_bytes()
        wrong = wrong or ("" if same else f"other bytes; going on: status {status} {errors.strip()[-200:]}")
        yield f"{number}, at {part:.0%}", "fault" if wrong else "same", wrong


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["mutated", "odd", *ENDED])
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if shutil.which("ffmpeg") is None:
        sys.exit("ffmpeg is not installed")
    trials = {"mutated": (mutated, 200), "odd": (odd, 60)} | {way: (partial(ended, way=way), 20) for way in ENDED}
    trial, usual = trials[given.what]
    with tempfile.TemporaryDirectory() as name:
        kinds = Counter[str]()
        for film, kind, words in trial(Path(name), given.count or usual, random.Random(given.seed)):
            kinds[kind] += 1
            print(f"{film}: {kind}  {words}", flush=True)
    shown = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    print(f"{given.what}: {kinds.total()} films; {shown}")
    sys.exit(bool(kinds["fault"]))


if __name__ == "__main__":
    run()
