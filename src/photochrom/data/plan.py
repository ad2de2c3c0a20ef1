"""Which photos make up which batch: a function of the seed alone, so that a resumed training misses nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from photochrom.data.options import BatchSize

__all__ = ["BatchPlan", "Draw"]


@dataclass(frozen=True)
class Draw:
    """One photo's turn.

    Attributes:
        epoch: how often every photo has been seen before.
        index: which photo.
        pixels: height and width it is brought to.
    """

    epoch: int
    index: int
    pixels: int


class BatchPlan:
    """An endless sequence of batches, epoch after epoch, that can be entered anywhere.

    Args:
        photos: how many there are; each is seen at most once an epoch.
        sizes: the kinds of batch.
        seed: of the order.
        start: batches to leave out at the beginning.
        rank: of ``world`` processes that take turns.
        world: how many processes share the batches.
    """

    def __init__(
        self, photos: int, sizes: Sequence[BatchSize], *, seed: int, start: int = 0, rank: int = 0, world: int = 1
    ) -> None:
        self.photos, self.sizes, self.seed = photos, tuple(sizes), seed
        self.start, self.rank, self.world = start, rank, world

    def epoch(self, epoch: int) -> list[list[Draw]]:
        """All batches of one epoch, for all processes.

        What is left over at the end waits for another epoch: a batch of one photo has no statistics to normalise by.
        """
        rng = np.random.default_rng([self.seed, epoch, 0])
        order = rng.permutation(self.photos)
        shares = np.array([size.share for size in self.sizes], float)
        batches: list[list[Draw]] = []
        first = 0
        while first < self.photos:
            size = self.sizes[int(rng.choice(len(self.sizes), p=shares / shares.sum()))]
            taken = order[first : first + size.photos]
            if len(taken) < size.photos and batches:
                break
            batches.append([Draw(epoch, int(index), size.pixels) for index in taken])
            first += size.photos
        # every process takes the same number of batches, or the others would wait for it for ever
        return batches[: max(len(batches) // self.world, 1) * self.world]

    def __iter__(self) -> Iterator[list[Draw]]:
        epoch, skip = 0, self.start
        while True:
            batches = self.epoch(epoch)
            turns = max(len(batches) // self.world, 1)
            for turn in range(min(skip, turns), turns):
                yield batches[(turn * self.world + self.rank) % len(batches)]
            skip = max(skip - turns, 0)
            epoch += 1
