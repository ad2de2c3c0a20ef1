"""Past one disk and one machine: what an object store and a Ray cluster cost, and what a lost machine loses.

``python benchmarks/cluster.py rates`` colours the same one-megapixel photos three times over, in turns: from disk to
disk, from bucket to bucket, and from bucket to bucket on a Ray cluster of one machine. The rate of each is that between
a tenth of its photos and the last, so that what it takes to begin is apart. The bars: the bucket at 0.85 of the disk,
the cluster at 0.85 of the bucket. The processor seconds are those of the process itself, without the server's and the
cluster's: on a busy machine they say more than the rates do.

``python benchmarks/cluster.py lost`` has two machines' worth of processes colour a bucket, and kills one in the middle.
All results must be there, equal to those of one process, and none made twice by a run that resumes.

``python benchmarks/cluster.py memory`` colours 2,000 small photos on two machines' worth of processes whose object
stores are small, and looks every second at what the driver and the stores hold. The bars: the driver holds at the end
what it held after a quarter, give or take a tenth, and the stores stay within their bounds and spill nothing to disk.

The bucket is that of ``benchmarks/s3_server.py``, whose work is done by the same processors. Needs the extras ray,
cloud and test.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from folder import SIDE, make_photos

from photochrom.batch import Event, Report, colorize_files
from photochrom.colorizer import Colorizer

BAR = 0.85
MIB = 1024
#: of each object store where memory is watched, bytes: the least that Ray takes
STORE = 80 * 2**20


@contextmanager
def serving() -> Iterator[Any]:
    """A bucket named ``scans`` on a server of its own, which the environment names from here on."""
    command = [sys.executable, str(Path(__file__).with_name("s3_server.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        os.environ["AWS_ENDPOINT_URL"] = server.stdout.readline().strip()
        os.environ |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
        client = boto3.client("s3")
        client.create_bucket(Bucket="scans")
        yield client
        server.terminate()


def upload(client: Any, folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        client.upload_file(str(path), "scans", f"in/{path.name}")


def read_results(client: Any, prefix: str) -> dict[str, bytes]:
    """The photos below a prefix, by name."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="scans", Prefix=f"{prefix}/")
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", []) if entry["Key"].endswith(".jpg")]
    return {Path(key).name: client.get_object(Bucket="scans", Key=key)["Body"].read() for key in keys}


def measure(run: Callable[[Callable[[Event], None]], Report], photos: int) -> tuple[float, float]:
    """Photos a second between a tenth of them and the last, and this process's processor seconds for each of those."""
    times: list[tuple[float, float]] = []
    report = run(lambda event: times.append((time.perf_counter(), time.process_time())))
    assert (report.done, report.failed) == (photos, 0), (report.done, report.failed)
    first = photos // 10
    wall, spent = (after - before for before, after in zip(times[first], times[-1], strict=True))
    return (photos - 1 - first) / wall, spent / (photos - 1 - first)


def compare_rates(photos: int, rounds: int, folder: Path, client: Any) -> bool:
    colorizer = Colorizer(threads=1)
    rates: dict[str, list[float]] = {"disk": [], "bucket": [], "ray": []}
    for number in range(rounds):
        out = str(folder / f"out{number}")
        ways: dict[str, tuple[str, str, str]] = {
            "disk": (str(folder / "in"), out, "local"),
            "bucket": ("s3://scans/in", f"s3://scans/out{number}", "local"),
            "ray": ("s3://scans/in", f"s3://scans/ray{number}", "ray"),
        }
        for name, (source, target, backend) in ways.items():

            def run(
                on_event: Callable[[Event], None], source: str = source, target: str = target, backend: str = backend
            ) -> Report:
                return colorize_files([source], target, colorizer=colorizer, backend=backend, on_event=on_event)

            rate, spent = measure(run, photos)
            rates[name].append(rate)
            print(
                f"round {number + 1}: {name:6}  {rate:6.2f} photos/s  {spent:.3f} processor s a photo here", flush=True
            )
    fits = True
    for name, base in (("bucket", "disk"), ("ray", "bucket")):
        ratios = sorted(own / other for own, other in zip(rates[name], rates[base], strict=True))
        middle = ratios[len(ratios) // 2]
        fits &= middle >= BAR
        print(f"{name} / {base}: {middle:.2f} (bar {BAR}; from {ratios[0]:.2f} to {ratios[-1]:.2f})")
    print(f"driver: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB:.0f} MiB at most")
    return fits


@contextmanager
def two_machines(store: int) -> Iterator[tuple[Any, Any]]:
    """A cluster of two machines' worth of processes, and the second of them; object stores of so many bytes each."""
    from ray.cluster_utils import Cluster

    made: Any = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, "object_store_memory": store}
    )
    node = made.add_node(num_cpus=1, object_store_memory=store)
    made.wait_for_nodes()
    os.environ["RAY_ADDRESS"] = made.address
    yield made, node
    del os.environ["RAY_ADDRESS"]
    made.shutdown()


def watch_memory(photos: int) -> bool:
    import ray
    from ray._private.internal_api import get_memory_info_reply, get_state_from_address

    held: list[tuple[int, int]] = []
    stores: list[tuple[float, float]] = []
    ended = threading.Event()

    def look(address: str) -> None:
        while not ended.wait(1):
            if ray.is_initialized():
                state = get_state_from_address(address)  # type: ignore[no-untyped-call]
                found = get_memory_info_reply(state).store_stats  # type: ignore[no-untyped-call]
                stores.append((found.object_store_bytes_used / 2**20, found.spilled_bytes_total / 2**20))

    def watch(event: Event) -> None:
        held.append((event.position, int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()))

    with two_machines(STORE):
        watcher = threading.Thread(target=look, args=[os.environ["RAY_ADDRESS"]], daemon=True)
        watcher.start()
        report = colorize_files(
            ["s3://scans/in"], "s3://scans/ray", colorizer=Colorizer(threads=1), backend="ray", on_event=watch
        )
        ended.set()
        watcher.join()
    quarters = [held[len(held) * part // 4 - 1][1] / 2**20 for part in (1, 2, 3, 4)]
    used, spilled = (max(values) for values in zip(*stores, strict=True))
    print(f"{report.done} coloured, {report.failed} failed, {report.seconds:.0f} s")
    print("driver after each quarter, MiB:", *(f"{value:.0f}" for value in quarters))
    print(
        f"object stores: {used:.0f} MiB at most of {2 * STORE / 2**20:.0f}, {spilled:.0f} spilled; {len(stores)} looks"
    )
    return report.done == photos and quarters[3] <= 1.1 * quarters[0] and used <= 2 * STORE / 2**20 and spilled == 0


def lose_machine(photos: int, folder: Path, client: Any) -> bool:
    colorizer = Colorizer(threads=1)
    peaks: list[int] = []

    def watch(event: Event) -> None:
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        if event.position == photos // 2:
            made.remove_node(node, allow_graceful=False)
            print(f"killed a machine after {event.position} of {photos}", flush=True)

    with two_machines(2**28) as (made, node):
        report = colorize_files(["s3://scans/in"], "s3://scans/ray", colorizer=colorizer, backend="ray", on_event=watch)
    again = colorize_files(["s3://scans/in"], "s3://scans/ray", colorizer=colorizer, resume=True)
    colorize_files([folder / "in"], folder / "out", colorizer=colorizer)
    here = {path.name: path.read_bytes() for path in (folder / "out").glob("*.jpg")}
    equal = read_results(client, "ray") == here
    early, late = peaks[len(peaks) // 4] / MIB, peaks[-1] / MIB
    print(f"{report.done} coloured, {report.failed} failed, {report.seconds:.0f} s; resumed: {again.done} made again")
    print(f"results equal to one process's: {equal}; driver {early:.0f} MiB after a quarter, {late:.0f} at the end")
    return equal and (report.done, report.failed, again.done) == (photos, 0, 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("rates", "lost", "memory"))
    parser.add_argument("--photos", type=int, help="how many; 300 for rates, 500 for lost, 2000 for memory")
    parser.add_argument("--rounds", type=int, default=3, help="of rates")
    parser.add_argument("--side", type=int, default=SIDE, help="of each photo, px [%(default)s]")
    given = parser.parse_args()
    photos = given.photos or {"rates": 300, "lost": 500, "memory": 2000}[given.what]
    with tempfile.TemporaryDirectory() as name, serving() as client:
        folder = Path(name)
        make_photos(folder / "in", photos, given.side)
        upload(client, folder / "in")
        if given.what == "rates":
            fits = compare_rates(photos, given.rounds, folder, client)
        elif given.what == "memory":
            fits = watch_memory(photos)
        else:
            fits = lose_machine(photos, folder, client)
    sys.exit(0 if fits else 1)


if __name__ == "__main__":
    main()
