"""Scheduling that libraries change behind our back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root may have real-time priority")
def test_an_encoder_does_not_keep_real_time_priority(tmp_path: Path) -> None:
    # in a process of its own: what fails here would starve the other tests
    code = """
import os
import numpy as np
from photochrom import colorize_video
from photochrom.video.media.av import load_av
av = load_av()
with av.open("in.mp4", "w") as out:
    stream = out.add_stream("libx264", rate=25)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    for number in range(6):
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 40 * number, np.uint8), format="rgb24")
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))
seen = set()
def watch(progress):
    seen.update(os.sched_getscheduler(int(name)) for name in os.listdir("/proc/self/task"))
colorize_video("in.mp4", "out.mp4", codec="av1", preset="12", on_progress=watch)
seen.update(os.sched_getscheduler(int(name)) for name in os.listdir("/proc/self/task"))
print(sorted(seen))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"[{os.SCHED_OTHER}]"
