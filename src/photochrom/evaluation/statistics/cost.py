"""Measures time and memory of colouring a photo, in a process of its own that does nothing else.

    python -m photochrom.evaluation.statistics.cost MODEL DEVICE < GRAYS.npz

prints the cost as JSON. Memory is the whole process, interpreter and libraries included.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np

from photochrom.colorizer import Colorizer, count_processors
from photochrom.errors import EvaluationError
from photochrom.evaluation.results.schema import Cost

__all__ = ["measure_cost"]


def measure_cost(model: str, grays: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]], *, device: str) -> Cost:
    """Colours some gray images (H,W) uint8 in a fresh process; the first of them only warms it up.

    Raises:
        EvaluationError: the process failed.
    """
    stream = BytesIO()
    np.savez(stream, *grays)
    command = [sys.executable, "-m", "photochrom.evaluation.statistics.cost", model, device]
    done = subprocess.run(command, input=stream.getvalue(), capture_output=True, check=False)
    if done.returncode:
        reason = (done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise EvaluationError("evaluation.cost_not_measured", model=model, reason=reason)
    return Cost(**json.loads(done.stdout))


def _peak_memory() -> int | None:
    """Returns the most bytes that this process has had resident."""
    status = Path("/proc/self/status")
    if status.exists():
        # unlike getrusage, which in a child counts its parent's memory too
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return int(lines["VmHWM"].split()[0]) * 1024 if "VmHWM" in lines else None
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _main(model: str, device: str) -> None:
    with np.load(BytesIO(sys.stdin.buffer.read())) as content:
        grays = [content[name] for name in content.files]
    colorizer = Colorizer(model, device=device)
    seconds = []
    for gray in [grays[0], *grays]:
        start = time.perf_counter()
        colorizer(gray)
        seconds.append(time.perf_counter() - start)
    entry = {
        "seconds": statistics.median(seconds[1:]),
        "peak_memory": _peak_memory(),
        "threads": count_processors(),
        "device": colorizer.device,
        "photos": len(grays),
    }
    sys.stdout.write(json.dumps(entry))


if __name__ == "__main__":
    _main(*sys.argv[1:])
