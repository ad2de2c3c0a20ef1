"""How far more machines help: costs measured here, a model of them, and what it says of 1 to 1000 workers.

``python benchmarks/scaling.py`` colours gray JPEGs of several sizes and fits, by least squares, the processor seconds
of a photo to its megapixels. It measures what a photo moves (bytes read and written), what a photo of no content costs
the machine that keeps the list, and what a request to an object store costs here. Processor time is what is fitted,
for it hardly depends on what else the machine does. The rate of N workers is then that of the narrowest part:

    min( N cores / processor seconds,  network / bytes,  store / requests,  1 / seconds of the driver )

Every line says whether it was measured or computed. ``--network`` and ``--store`` are those of your cluster. Needs the
extras cloud and test.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from cluster import serving, upload
from folder import make_photos

from photochrom.batch import plan_stored_jobs
from photochrom.batch.journal import Record
from photochrom.batch.stored.marks import OutputMarks
from photochrom.batch.stored.outcomes import succeed
from photochrom.batch.stored.select import find_key
from photochrom.colorizer import Colorizer
from photochrom.system.stores import open_store

#: of the photos that the fit is made from, and of those it is tried on, px
SIDES, TRIED = (256, 512, 1000, 1600), 760
WORKERS = (1, 10, 100, 1000)
#: requests for a photo: its own, its result's, the mark's
REQUESTS = 3


@dataclass(frozen=True)
class Costs:
    """What a photo costs.

    Attributes:
        fixed, by_megapixel: processor seconds.
        bytes_by_megapixel: read and written.
        driver: seconds of the machine that keeps the list.
    """

    fixed: float
    by_megapixel: float
    bytes_by_megapixel: float
    driver: float

    def processor(self, megapixels: float) -> float:
        """Processor seconds of a photo."""
        return self.fixed + self.by_megapixel * megapixels


@dataclass(frozen=True)
class Cluster:
    """What a cluster has: cores of a worker, bytes a second of its network, requests a second of the store."""

    cores: int
    network: float
    store: float


def predict(costs: Costs, cluster: Cluster, workers: int, megapixels: float) -> tuple[float, str]:
    """Photos a second, and what bounds them."""
    bounds = {
        "processors": workers * cluster.cores / costs.processor(megapixels),
        "network": workers * cluster.network / (costs.bytes_by_megapixel * megapixels),
        "store": cluster.store / REQUESTS,
        "driver": 1 / costs.driver,
    }
    narrowest = min(bounds, key=lambda name: bounds[name])
    return bounds[narrowest], narrowest


def spend(work: Callable[[], object]) -> float:
    """Processor seconds of this process, all its threads together."""
    start = time.process_time()
    work()
    return time.process_time() - start


def measure_photos(folder: Path, side: int, count: int, colorizer: Colorizer) -> tuple[float, float]:
    """Processor seconds and bytes of a photo, from file to file; the median of several."""
    source = folder / f"in{side}"
    make_photos(source, count, side)
    spent, moved = [], []
    for path in sorted(source.iterdir()):
        target = folder / f"out-{side}-{path.name}"
        spent.append(spend(lambda path=path, target=target: colorizer(path).save(target)))  # type: ignore[misc]
        moved.append(path.stat().st_size + target.stat().st_size)
    return float(np.median(spent)), float(np.median(moved))


def measure_driver(folder: Path, count: int) -> float:
    """Processor seconds of a photo in the process that keeps the list: planned, known by its key, and reported."""
    source = folder / "many"
    source.mkdir()
    for number in range(count):
        (source / f"{number}.jpg").write_bytes(b"x")
    record = Record(1.0, 0.5, 1000, 1000)

    def keep() -> None:
        plan = plan_stored_jobs([source.as_uri()], (folder / "results").as_uri())
        for index, job in enumerate(plan.jobs):
            find_key(job, "look")
            succeed(index, job, record, model="photochrom_fast")

    return spend(keep) / count


def measure_requests(count: int) -> float:
    """Processor seconds of this process for the requests of a photo of one megapixel; the server's are apart."""
    with serving() as client:
        with tempfile.TemporaryDirectory() as name:
            make_photos(Path(name, "in"), 1)
            upload(client, Path(name, "in"))
        store = open_store("s3://scans/in")
        (photo,) = store.find("s3://scans/in")
        marks = OutputMarks(store, "s3://scans/out")

        def carry() -> None:
            for number in range(count):
                content = store.read(photo.address, photo.size)
                store.write(f"s3://scans/out/{number}.jpg", content, overwrite=True)
                marks.finish(f"{number}.jpg", f"{number:032x}", len(content), Record(1.0, 0.5, 1000, 1000))

        return spend(carry) / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=8, help="of each size [%(default)s]")
    parser.add_argument("--megapixels", type=float, default=1.0, help="of the photos to predict [%(default)s]")
    parser.add_argument("--cores", type=int, default=8, help="of a worker [%(default)s]")
    parser.add_argument("--network", type=float, default=1.25e9, help="of a worker, bytes a second [%(default)g]")
    parser.add_argument("--store", type=float, default=20000, help="requests a second that it answers [%(default)s]")
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    colorizer = Colorizer(threads=1, device="cpu")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {side: measure_photos(folder, side, given.photos, colorizer) for side in (*SIDES, TRIED)}
        driver = measure_driver(folder, 2000)
    requests = measure_requests(20)
    megapixels = np.array([side * side / 1e6 for side in SIDES])
    spent = np.array([found[side][0] for side in SIDES])
    by_megapixel, fixed = np.polyfit(megapixels, spent, 1)
    moved = np.array([found[side][1] for side in SIDES])
    # through nothing: a photo without pixels moves next to nothing
    costs = Costs(float(fixed), float(by_megapixel), float(moved @ megapixels / (megapixels @ megapixels)), driver)
    for side in SIDES:
        own = costs.processor(side * side / 1e6)
        print(f"measured  {side} px: {found[side][0]:.3f} processor s a photo; the fit says {own:.3f}")
    tried, said = found[TRIED][0], costs.processor(TRIED**2 / 1e6)
    print(f"measured  {TRIED} px, not in the fit: {tried:.3f}; computed {said:.3f}, off by {said / tried - 1:+.0%}")
    print(f"fitted    processor s a photo = {fixed:.3f} + {by_megapixel:.3f} x megapixels")
    print(f"fitted    bytes a photo = {costs.bytes_by_megapixel / 1e6:.2f} MB x megapixels")
    print(f"measured  the driver: {driver * 1e3:.3f} ms a photo")
    print(f"measured  an object store's requests: {requests * 1e3:.1f} processor ms a photo here")
    with_store = Costs(costs.fixed + requests, costs.by_megapixel, costs.bytes_by_megapixel, driver)
    cluster = Cluster(given.cores, given.network, given.store)
    for workers in WORKERS:
        rate, bound = predict(with_store, cluster, workers, given.megapixels)
        print(f"computed  {workers:4} workers of {given.cores} cores: {rate:9.1f} photos/s, bounded by the {bound}")


if __name__ == "__main__":
    main()
