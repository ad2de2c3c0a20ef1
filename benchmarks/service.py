"""How much the service takes: load against the offline rate, the first colour of a large photo, and a moved slider.

    python benchmarks/service.py [--seconds 60] [--clients 16] [--photo FILE]

Starts ``photochrom serve`` over a store of its own. The offline rate is that of threads that decode, colour and encode
the same photo with the same network, one a processor, for a third of the time before the load and as long after it; the
ratio is of the rates of one run. First colour is from the upload's first byte to the preview's last.
"""

import argparse
import io
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
from PIL import Image

from photochrom import Colorizer
from photochrom.colorizer import count_processors

PHOTO = Path(__file__).parents[1] / "docs" / "photos" / "astronaut_gray.jpg"


def jpeg(source: Path, size: tuple[int, int]) -> bytes:
    stream = io.BytesIO()
    Image.open(source).convert("L").resize(size, Image.Resampling.BICUBIC).save(stream, "JPEG", quality=92)
    return stream.getvalue()


def repeated(work: Callable[[], None], threads: int, seconds: float) -> None:
    end = time.perf_counter() + seconds

    def go_on() -> None:
        while time.perf_counter() < end:
            work()

    running = [threading.Thread(target=go_on) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def offline_rate(data: bytes, seconds: float) -> float:
    colorizer, made = Colorizer(threads=1), Counter[str]()
    colorizer(data).to_bytes()

    def work() -> None:
        colorizer(data).to_bytes()
        made["photos"] += 1

    begun = time.perf_counter()
    repeated(work, count_processors(), seconds)
    return made["photos"] / (time.perf_counter() - begun)


def resident(process: int) -> float:
    """Megabytes of memory of a process."""
    text = Path(f"/proc/{process}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def watch_memory(process: int, memory: list[float], ended: threading.Event) -> None:
    while not ended.wait(10):
        memory.append(resident(process))


def percentiles(values: list[float]) -> str:
    ordered = sorted(values)
    return (
        f"p50 {statistics.median(ordered) * 1000:.0f} ms, p95 {ordered[int(0.95 * (len(ordered) - 1))] * 1000:.0f} ms"
    )


def load(url: str, data: bytes, clients: int, seconds: float) -> tuple[float, list[float], Counter[int]]:
    taken: list[float] = []
    codes = Counter[int]()
    local = threading.local()

    def work() -> None:
        client = local.client = getattr(local, "client", None) or httpx.Client(timeout=120)
        begun = time.perf_counter()
        answer = client.post(f"{url}/api/v1/colorize", files={"file": data})
        codes[answer.status_code] += 1
        if answer.status_code == 200:
            taken.append(time.perf_counter() - begun)
        else:
            time.sleep(float(answer.headers.get("retry-after", 1)))

    begun = time.perf_counter()
    repeated(work, clients, seconds)
    return codes[200] / (time.perf_counter() - begun), taken, codes


def sliders(url: str, data: bytes, times: int) -> tuple[float, list[float]]:
    headers = {"Authorization": f"Bearer {secrets.token_hex(16)}"}
    with httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=120) as client:
        begun = time.perf_counter()
        photo = client.post("/photos", files={"file": data}).raise_for_status().json()
        place = f"/photos/{photo['id']}/colorize"
        client.post(place, json={"max_size": 1280}).raise_for_status()
        first = time.perf_counter() - begun
        taken = []
        for step in range(times):
            begun = time.perf_counter()
            client.post(place, json={"max_size": 1280, "options": {"vividness": 2 * step / times}}).raise_for_status()
            taken.append(time.perf_counter() - begun)
    return first, taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--photo", type=Path, default=PHOTO)
    options = parser.parse_args()
    small, large = jpeg(options.photo, (1000, 1000)), jpeg(options.photo, (4000, 3000))
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "photochrom", "serve", "--port", "0"]
        environment = os.environ | {"PHOTOCHROM_STORAGE_URL": folder}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            try:
                assert process.stdout is not None
                found = re.search(r"http://[\w.:]+", process.stdout.readline())
                assert found
                url = found[0]
                while httpx.get(f"{url}/api/v1/ready").status_code != 200:
                    time.sleep(0.1)
                first, moved = sliders(url, large, 20)
                load(url, small, options.clients, 3)
                before = offline_rate(small, options.seconds / 3)
                memory = [resident(process.pid)]
                ended = threading.Event()
                watch = threading.Thread(target=lambda: watch_memory(process.pid, memory, ended))
                watch.start()
                rate, taken, codes = load(url, small, options.clients, options.seconds)
                ended.set()
                watch.join()
                after = offline_rate(small, options.seconds / 3)
            finally:
                process.terminate()
    offline = (before + after) / 2
    print(f"{count_processors()} processors, {options.clients} clients, {options.seconds:g} s, photos of 1 megapixel")
    print(f"service {rate:.2f} photos/s, offline {offline:.2f} ({before:.2f}, {after:.2f}): {rate / offline:.0%}")
    print(f"latency {percentiles(taken)}; answers {dict(codes)}")
    print(f"memory, MB, every ten seconds: {' '.join(f'{each:.0f}' for each in memory)}")
    print(f"first colour of 12 megapixels {first:.2f} s; moved vividness {percentiles(moved)}")


if __name__ == "__main__":
    main()
