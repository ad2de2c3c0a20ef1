"""Whether the service loses or mixes up anything while its processes are killed under load.

    python benchmarks/service_kills.py photos [--count 200] [--clients 20]
    python benchmarks/service_kills.py films [--count 24] [--clients 6]

``photos``: every client stores photos of its own, colours each, and has all of them coloured into a zip by the worker.
The worker and an answering process are killed twice meanwhile. Every answer must be the picture that the library makes
of that client's photo, a stated 503, or a connection that broke off with its process; the last two are asked again. No
client may see a photo or a job of another.

``films``: every client queues films by Redis, for two workers. One worker is killed in the middle of its work, and
Redis is restarted without its memory. Every film must be done, once, and be its own client's.

Prints a line for each fault, and ends with status 1 where there is one.
"""

import argparse
import io
import secrets
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from service_processes import Redis, Served, serve, start_worker

from photochrom import Colorizer

PHOTO = Path(__file__).parents[1] / "docs" / "photos" / "astronaut_gray.jpg"
#: longest that one answer may take, seconds
PATIENCE = 600.0
FRAMES, SIDE = 24, 96


class Ledger:
    """What happened, of all clients together."""

    def __init__(self) -> None:
        self.counts = Counter[str]()
        self.faults: list[str] = []
        self._lock = threading.Lock()

    def count(self, what: str) -> None:
        """Counts one more of something."""
        with self._lock:
            self.counts[what] += 1

    def check(self, fine: bool, fault: str) -> None:
        """Notes a fault unless all is fine."""
        if not fine:
            with self._lock:
                self.faults.append(fault)


class Client:
    """One client of the service, with a token of its own, that asks again as a careful program does."""

    def __init__(self, served: Served, ledger: Ledger) -> None:
        self._ledger = ledger
        headers = {"Authorization": f"Bearer {secrets.token_hex(16)}"}
        self._http = httpx.Client(base_url=f"{served.url}/api/v1", headers=headers, timeout=120)

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Returns the first answer that is not a stated wait, and did not break off with its process."""
        headers = {"Idempotency-Key": secrets.token_hex(16)} if method == "POST" else {}
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                answer = self._http.request(method, path, headers=headers, **how)
            except httpx.TransportError:
                self._ledger.count("broken off")
                time.sleep(0.2)
                continue
            self._ledger.count(str(answer.status_code))
            wait = answer.headers.get("retry-after")
            if answer.status_code != 503 and not (answer.status_code == 409 and wait):
                return answer
            self._ledger.check(wait is not None, f"{method} {path}: {answer.status_code} without Retry-After")
            time.sleep(min(3.0, float(wait or 1)))
        raise TimeoutError(f"{method} {path} was not answered in {PATIENCE:g} s")

    def finish(self, job: str) -> dict[str, Any]:
        """Waits for a job's end, and returns what is told of it."""
        while (told := self.ask("GET", f"/jobs/{job}").json()).get("status") in ("queued", "running"):
            time.sleep(0.4)
        return dict(told)


def make_photo(number: int) -> bytes:
    """Returns a PNG that no other number has."""
    with Image.open(PHOTO) as image:
        left, top = 7 * number % 251, 11 * number % 241
        part = image.convert("L").crop((left, top, left + 200, top + 160))
    stream = io.BytesIO()
    part.save(stream, "PNG")
    return stream.getvalue()


def read_pixels(data: bytes) -> NDArray[np.int16]:
    """Returns the RGB pixels of a picture, (H, W, 3), 0..255."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"), np.int16)


def is_same(data: bytes, wanted: NDArray[np.int16]) -> bool:
    """Returns whether a picture is another, but for the last bit of a rounding."""
    found = read_pixels(data)
    return found.shape == wanted.shape and int(np.abs(found - wanted).max()) <= 1


def color_photos(client: Client, ledger: Ledger, photos: list[bytes], wanted: list[NDArray[np.int16]]) -> list[str]:
    """Does one client's part; the addresses of what it stored."""
    ids = []
    for number, data in enumerate(photos):
        answer = client.ask("POST", "/photos", files={"file": (f"{number}.png", data)})
        ledger.check(answer.status_code == 201, f"a photo was not stored: {answer.status_code} {answer.text[:200]}")
        ids.append(answer.json()["id"])
    job = client.ask("POST", "/jobs", json={"photos": ids}).json()["id"]
    for id_, pixels in zip(ids, wanted, strict=True):
        answer = client.ask("POST", f"/photos/{id_}/colorize", json={"output": "file", "format": "PNG"})
        fine = answer.status_code == 200 and is_same(answer.content, pixels)
        ledger.check(fine, f"not the picture of its photo: {answer.status_code}")
        ledger.count("photos coloured")
    told = client.finish(job)
    places = [*(f"/photos/{id_}" for id_ in ids), f"/jobs/{job}", f"/jobs/{job}/result"]
    if told["status"] != "done":
        ledger.check(False, f"a zip was not made: {told}")
        return places
    with zipfile.ZipFile(io.BytesIO(client.ask("GET", f"/jobs/{job}/result").content)) as packed:
        members = sorted(packed.namelist(), key=lambda name: int(name.partition(".")[0]))
        fine = len(members) == len(photos) and all(map(is_same, map(packed.read, members), wanted))
    ledger.check(fine, "a zip does not hold the pictures of its photos")
    return places


def kill_at(ledger: Ledger, what: str, counts: list[int], kill: Callable[[], None]) -> threading.Thread:
    """Starts a thread that kills whenever something was counted so many times."""

    def watch() -> None:
        for count in counts:
            while ledger.counts[what] < count:
                time.sleep(0.05)
            kill()
            ledger.count("kills")

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def run_photos(folder: Path, ledger: Ledger, count: int, clients: int) -> None:
    """The trial of photos."""
    each = count // clients
    photos = [make_photo(number) for number in range(each * clients)]
    colorizer = Colorizer()
    wanted = [read_pixels(colorizer(data).to_bytes("PNG")) for data in photos]
    with serve(folder, "--workers", "2") as served, ThreadPoolExecutor(clients) as pool:
        killer = kill_at(ledger, "photos coloured", [count // 3, 2 * count // 3], lambda: _kill(served, ledger))
        people = [Client(served, ledger) for _ in range(clients)]

        def work(number: int) -> list[str]:
            own = slice(each * number, each * (number + 1))
            return color_photos(people[number], ledger, photos[own], wanted[own])

        places = list(pool.map(work, range(clients)))
        killer.join(PATIENCE)
        for client, foreign in zip(people, [*places[1:], places[0]], strict=True):
            for place in foreign:
                ledger.check(client.ask("GET", place).status_code == 404, f"another client sees {place}")


def _kill(served: Served, ledger: Ledger) -> None:
    ledger.check(served.kill_children() >= 2, "there were not two processes to kill")


def make_film(number: int) -> tuple[bytes, NDArray[np.float64]]:
    """Returns a gray film of two shots, MP4, and the lightness of its frames, (N,), both of this number alone."""
    chance = np.random.default_rng(number)
    low, high = 40 + 6 * (number % 13), 200 - 6 * (number // 13)
    grain = chance.integers(-9, 10, (SIDE, SIDE))
    stream = io.BytesIO()
    means = []
    with av.open(stream, "w", format="mp4") as file:
        track = file.add_stream("libx264", rate=12, options={"crf": "12"})
        track.width, track.height, track.pix_fmt, track.time_base = SIDE, SIDE, "yuv420p", Fraction(1, 12)
        for frame in range(FRAMES):
            gray = np.clip((low if frame < FRAMES // 2 else high) + grain, 0, 255).astype(np.uint8)
            means.append(float(gray.mean()))
            picture = av.VideoFrame.from_ndarray(np.repeat(gray[..., None], 3, axis=2), format="rgb24")
            file.mux(track.encode(picture))
        file.mux(track.encode())
    return stream.getvalue(), np.array(means)


def read_means(data: bytes) -> NDArray[np.float64]:
    """Returns the mean gray value of each frame of a film, (N,)."""
    with av.open(io.BytesIO(data), "r") as file:
        return np.array([frame.to_ndarray(format="gray").mean() for frame in file.decode(video=0)])


def color_films(client: Client, ledger: Ledger, numbers: range) -> list[tuple[str, str]]:
    """Does one client's part; each job's id and when it expires, which its end sets once."""
    films = [make_film(number) for number in numbers]
    jobs = []
    for data, _ in films:
        answer = client.ask("POST", "/jobs", files={"file": ("film.mp4", data)})
        ledger.check(answer.status_code == 202, f"a film was not queued: {answer.status_code} {answer.text[:200]}")
        jobs.append(str(answer.json()["id"]))
        ledger.count("films queued")
    ended = []
    for id_, (_, means) in zip(jobs, films, strict=True):
        told = client.finish(id_)
        ledger.count("films done")
        ended.append((id_, str(told["expires"])))
        if told["status"] != "done":
            ledger.check(False, f"a film was not coloured: {told}")
            continue
        found = read_means(client.ask("GET", f"/jobs/{id_}/result").content)
        fine = found.shape == means.shape and float(np.abs(found - means).max()) < 6
        ledger.check(fine, f"not the film of its client: {found.shape}")
    return ended


def run_films(folder: Path, ledger: Ledger, count: int, clients: int) -> None:
    """The trial of films."""
    redis = Redis(folder)
    variables = {"PHOTOCHROM_QUEUE_URL": redis.address}
    with serve(folder, **variables) as served, ThreadPoolExecutor(clients) as pool:
        people, each = [Client(served, ledger) for _ in range(clients)], count // clients
        parts = [range(each * number, each * (number + 1)) for number in range(clients)]
        asked = [pool.submit(color_films, one, ledger, part) for one, part in zip(people, parts, strict=True)]
        while ledger.counts["films queued"] < each * clients:
            time.sleep(0.1)
        workers = [start_worker(served), start_worker(served)]
        try:
            kill_at(ledger, "films done", [count // 6], workers[0].kill).join(PATIENCE)
            time.sleep(1)
            redis.stop()
            ledger.count("restarts of Redis")
            time.sleep(2)
            redis.start()
            ended = [future.result() for future in asked]
            time.sleep(5)
            for client, jobs in zip(people, ended, strict=True):
                listed = {job["id"]: job["expires"] for job in client.ask("GET", "/jobs").json()["jobs"]}
                ledger.check(listed == dict(jobs), "a film was done more than once, or there is another job")
        finally:
            for worker in workers:
                worker.terminate()
            redis.stop()


def main() -> None:
    """Run a trial."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trial", choices=["photos", "films"])
    parser.add_argument("--count", type=int)
    parser.add_argument("--clients", type=int)
    given = parser.parse_args()
    run, count, clients = (run_photos, 200, 20) if given.trial == "photos" else (run_films, 24, 6)
    ledger, begun = Ledger(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder), ledger, given.count or count, given.clients or clients)
    happened = ", ".join(f"{name} {number}" for name, number in sorted(ledger.counts.items()))
    print(f"{given.trial}: {len(ledger.faults)} faults in {time.monotonic() - begun:.0f} s; {happened}")
    print(*sorted(set(ledger.faults)), sep="\n")
    if ledger.faults:
        sys.exit(1)


if __name__ == "__main__":
    main()
