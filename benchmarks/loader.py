"""How fast training photos come, against how fast this machine trains on them.

    python benchmarks/loader.py                crops of the sample photo, packed as  photochrom dataset build  does
    python benchmarks/loader.py SET            a set of one's own
    python benchmarks/loader.py SET --pixels 160 --workers 0 1 2 4

A photo is read, decoded, cut, changed, turned into L*, a*, b* and hints, and stacked into batches of 32. The network is
the default one, by its recipe, fed from memory. Both are measured in this one run, in turn. "Undisturbed" is photos by
processor time, times the cores: what each could do where nothing else runs; its ratio hardly depends on what else this
machine does, and says how much faster a network the loader could feed.
"""

import argparse
import os
import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from epoch import measure
from PIL import Image
from torch.utils.data import DataLoader

from photochrom.datasets.build.builder import BuildOptions, build_set
from photochrom.datasets.sources.photo_set import Photos, open_photos
from photochrom.training.cpu_time import ProcessorTime, processor_name
from photochrom.training.data.batch_plan import BatchPlan
from photochrom.training.data.dataset import Samples, collate
from photochrom.training.schema import AugmentationOptions, BatchSize, HintOptions

BATCH = 32
#: the bar: the loader feeds a network this many times faster than the one of today
BAR = 10.0
OLD = {"fade": 0.5, "scratches": 0.5}
TURNED = {"rotation": 20.0, "shear": 0.2, "zoom": 0.2}


def make_photos(folder: Path, count: int) -> Photos:
    """Crops of the sample photo with grain, for smooth pictures decode unfairly fast."""
    sample = Image.open(Path(__file__).parents[1] / "docs" / "photos" / "astronaut_gray.jpg").convert("RGB")
    rng = np.random.default_rng(0)
    (folder / "photos").mkdir()
    for number in range(count):
        left, top = (int(rng.integers(0, side - 200)) for side in sample.size)
        crop = np.asarray(sample.crop((left, top, left + 200, top + 200)), np.int16)
        grain = (crop + rng.normal(0, 4, crop.shape)).clip(0, 255).astype(np.uint8)
        Image.fromarray(grain).save(folder / "photos" / f"{number}.jpg", quality=92)
    build_set(open_photos([str(folder / "photos")]), folder / "set", BuildOptions())
    return open_photos([str(folder / "set")])


class First:
    """The first photos of a set, that keeping them decoded may take little memory."""

    def __init__(self, photos: Photos, count: int) -> None:
        self.photos, self.count = photos, min(count, len(photos))
        self.name, self.source, self.read, self.stamps = photos.name, photos.source, photos.read, photos.stamps

    def __len__(self) -> int:
        return self.count


def load(
    photos: Photos, pixels: int, workers: int, batches: int, *, keep: bool, effects: dict[str, float]
) -> tuple[float, float]:
    """Photos a second, and photos a second of processor time."""
    samples = Samples(
        photos,
        augmentation=AugmentationOptions(**effects),  # type: ignore[arg-type]
        hints=HintOptions(),
        output_stride=4,
        seed=0,
        keep=keep,
    )
    plan = BatchPlan(len(photos), (BatchSize(image_size=pixels, batch_size=BATCH),), seed=0)
    loader = DataLoader(
        samples,
        batch_sampler=plan,
        collate_fn=collate,
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        persistent_workers=workers > 0,
    )
    coming = iter(loader)
    # until the workers are under way, and have no more in store than they will have at the end
    list(islice(coming, 4 * workers + 2))
    processor, start = ProcessorTime(), time.perf_counter()
    list(islice(coming, batches))
    seconds, used = time.perf_counter() - start, processor.lap()
    return batches * BATCH / seconds, batches * BATCH / used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", nargs="?", help="photos; crops of the sample photo if not given")
    parser.add_argument("--pixels", type=int, default=128)
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as name:
        photos = First(open_photos([options.set]) if options.set else make_photos(Path(name), 400), 2000)
        kinds: list[tuple[str, int, bool, dict[str, float]]]
        kinds = [(f"{workers} workers", workers, False, {}) for workers in options.workers]
        kinds += [(f"{workers} workers, kept in memory", workers, True, {}) for workers in options.workers]
        most = max(options.workers)
        kinds += [
            (f"{most} workers, turned", most, False, TURNED),
            (f"{most} workers, turned and aged", most, False, TURNED | OLD),
        ]
        trained, came = [], {kind[0]: [] for kind in kinds}  # type: ignore[var-annotated]
        step = argparse.Namespace(batch=BATCH, pixels=options.pixels, steps=3, recipes=True)
        for _ in range(options.rounds):
            figures = measure("photochrom_fast", step, torch.device("cpu"))
            trained.append((figures.rate, figures.undisturbed))
            for title, workers, keep, effects in kinds:
                rate, by_processor = load(photos, options.pixels, workers, options.batches, keep=keep, effects=effects)
                came[title].append((rate, by_processor * cores))
    print(
        f"{processor_name()}, {cores} cores; {options.pixels} px, batches of {BATCH}, {options.rounds} rounds, medians"
    )
    rate, alone = (statistics.median(column) for column in zip(*trained, strict=True))
    print(f"{'':<32} {'photos/s':>9} {'ratio':>7} {'undisturbed':>13} {'ratio':>7}   bar {BAR:g}")
    print(f"{'training':<32} {rate:>9.1f} {1:>7.1f} {alone:>13.1f} {1:>7.1f}")
    for title, rows in came.items():
        ours, ours_alone = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"{title:<32} {ours:>9.1f} {ours / rate:>7.1f} {ours_alone:>13.1f} {ours_alone / alone:>7.1f}")


if __name__ == "__main__":
    main()
