"""How long a network itself takes: milliseconds for one square view of 256 px, and for all views of a photo.

    python benchmarks/network.py [NAME_OR_FILE ...] [--threads 2] [--times 15]

Every installed network by default. Rounds go through all of them in turn, so that a disturbance falls on all; the
median counts. The ratio is to the default network in the same run.
"""

import argparse
import statistics
import time

import numpy as np
from numpy.typing import NDArray

from photochrom.inference.session import OnnxSession
from photochrom.registry import DEFAULT_MODEL, find_model, model_names

#: milliseconds for 256 px on two cores
BARS = {"photochrom": 250.0, "photochrom_fast": 40.0}


def milliseconds(engine: OnnxSession, lightness: NDArray[np.float32]) -> float:
    start = time.perf_counter()
    engine.predict(lightness)
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--times", type=int, default=15)
    arguments = parser.parse_args()
    names = list(dict.fromkeys([DEFAULT_MODEL, *(arguments.models or model_names())]))
    engines = {name: OnnxSession(find_model(name), device="cpu", threads=arguments.threads) for name in names}
    # a whole photo may be seen at other sizes than the one that is compared
    taken: dict[tuple[str, int], list[float]] = {
        (name, side): [] for name, engine in engines.items() for side in {256, *engine.card.sizes}
    }
    chance = np.random.default_rng(0)
    views = {side: chance.uniform(0, 100, (side, side)).astype(np.float32) for _, side in taken}
    for again in range(arguments.times + 1):
        for (name, side), found in taken.items():
            spent = milliseconds(engines[name], views[side])
            if again:  # the first is warming up
                found.append(spent)
    median = {key: statistics.median(found) for key, found in taken.items()}
    print(f"{'':<20} {'256 px':>9} {'to default':>11} {'all views':>10}  ({arguments.threads} threads)")
    for name in names:
        one = median[name, 256]
        whole = sum(median[name, side] for side in engines[name].card.sizes)
        bar = BARS.get(name)
        verdict = f"  bar {bar:.0f} ms: {'met' if one <= bar else 'MISSED'}" if bar else ""
        print(f"{name:<20} {one:6.1f} ms {one / median[DEFAULT_MODEL, 256]:11.2f} {whole:7.1f} ms{verdict}")


if __name__ == "__main__":
    main()
