"""How long an epoch takes: every architecture of the zoo, forward, backward and step, on this machine.

    python benchmarks/epoch.py                                   all of them, 25,000 photos at 224 px
    python benchmarks/epoch.py vae eccv16 --pixels 128 --batch 32
    python benchmarks/epoch.py --recipes                         at the widths of recipes/*.yaml, not the published ones

The photos are random and lie in memory, so this is the network's own time; ``benchmarks/loader.py`` measures how fast
photos come. What is frozen, the losses and the optimizer are those of the architecture's recipe; precision is
bfloat16. "Undisturbed" is the processor time by the number of threads: what an epoch takes where nothing else runs.
Where there is a GPU, a second table follows.
"""

import argparse
import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from photochrom.models.registry import ARCHITECTURES, build
from photochrom.training.cpu_time import processor_name
from photochrom.training.data.dataset import Batch
from photochrom.training.losses.objectives import choose_objective
from photochrom.training.optim.optimizer import freeze, make_optimizer, set_training
from photochrom.training.recipe import read_recipe
from photochrom.training.schema import LossOptions, OptimizerOptions, Recipe

#: the epoch of the project whose 40 minutes are the mark
PHOTOS, MARK = 25_000, 40.0


@dataclass(frozen=True)
class Figures:
    """What was measured of one architecture.

    Attributes:
        parameters: that learn.
        rate: photos a second, the median step's.
        undisturbed: photos in as many seconds of processor time as there are threads.
    """

    parameters: int
    rate: float
    undisturbed: float


def random_batch(photos: int, pixels: int, output_stride: int, device: torch.device) -> Batch:
    cells = pixels // output_stride
    planes = (100 * torch.rand(photos, 1, pixels, pixels), 40 * torch.randn(photos, 2, cells, cells))
    lightness, ab = (plane.to(device) for plane in planes)
    return Batch(
        lightness.contiguous(memory_format=torch.channels_last), ab, torch.zeros_like(ab[:, :1]).expand(-1, 3, -1, -1)
    )


def find_recipe(name: str) -> Recipe | None:
    path = Path(__file__).parents[1] / "recipes" / f"{name}.yaml"
    return read_recipe(path) if path.is_file() else None


def measure(name: str, options: argparse.Namespace, device: torch.device) -> Figures:
    recipe = find_recipe(name)
    loss, moving = (recipe.loss, recipe.optimizer) if recipe else (LossOptions(), OptimizerOptions())
    network = build(name, options=recipe.network.options if recipe and options.recipes else {})
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    freeze(network, moving)
    set_training(network, freeze_batch_norm=moving.freeze_batch_norm)
    objective, optimizer = choose_objective(network, loss), make_optimizer(network, moving)
    batch = random_batch(options.batch, options.pixels, int(network.output_stride), device)  # type: ignore[arg-type]
    wall, processor = [], []
    for _ in range(options.steps + 1):
        start, used = time.perf_counter(), time.process_time()
        optimizer.zero_grad()
        with torch.autocast(device.type, torch.bfloat16):
            losses = objective(network, batch)
        losses["loss"].backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if device.type == "cuda":
            torch.cuda.synchronize()
        wall.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    learning = sum(p.numel() for p in network.parameters() if p.requires_grad)
    # the first step allocates, and chooses kernels
    seconds, alone = (statistics.median(taken[1:]) for taken in (wall, processor))
    return Figures(learning, options.batch / seconds, options.batch * torch.get_num_threads() / alone)


def table(names: list[str], device: torch.device, options: argparse.Namespace) -> None:
    cpu = device.type == "cpu"
    threads = f"{torch.get_num_threads()} threads, {os.cpu_count()} cores"
    print(f"{f'{processor_name()}, {threads}' if cpu else torch.cuda.get_device_name()}")
    print(f"{options.pixels} px, batches of {options.batch}, bfloat16, channels last")
    head = f"{'architecture':<20} {'learns':>9} {'photos/s':>9} {'an epoch':>12} {f'by {MARK:.0f} min':>10}"
    print(f"{head} {'undisturbed':>13}" if cpu else head)
    for name in names:
        figures = measure(name, options, device)
        minutes, alone = (PHOTOS / rate / 60 for rate in (figures.rate, figures.undisturbed))
        row = f"{name:<20} {figures.parameters / 1e6:>7.2f} M {figures.rate:>9.1f} {minutes:>8.1f} min"
        row = f"{row} {minutes / MARK:>10.2f}"
        print(f"{row} {alone:>9.1f} min" if cpu else row, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="architectures; all if none is given")
    parser.add_argument("--pixels", type=int, default=224)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--recipes", action="store_true", help="at the widths of the recipes")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in ARCHITECTURES]
    if unknown:
        parser.error(f"there is no architecture {unknown[0]}: take some of {', '.join(ARCHITECTURES)}")
    names = options.names or list(ARCHITECTURES)
    print(f"An epoch is {PHOTOS:,} photos; widths are those of {'the recipes' if options.recipes else 'the papers'}")
    table(names, torch.device("cpu"), options)
    if torch.cuda.is_available():
        table(names, torch.device("cuda"), options)


if __name__ == "__main__":
    main()
