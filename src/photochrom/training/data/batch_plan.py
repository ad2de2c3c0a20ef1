"""Which photos make up which batch: a function of the seed alone, so that a resumed training misses nothing."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from photochrom.training.data.source_weights import Share
from photochrom.training.schema import BatchSize

__all__ = ["BatchPlan", "Draw"]


@dataclass(frozen=True)
class Draw:
    """One photo's turn.

    Attributes:
        epoch: how often this photo has had its turn before.
        index: which photo.
        image_size: height and width it is brought to.
    """

    epoch: int
    index: int
    image_size: int


class BatchPlan:
    """An endless sequence of batches, epoch after epoch, that can be entered anywhere.

    Args:
        photos: how many there are; without shares each is seen at most once an epoch.
        sizes: the kinds of batch.
        seed: of the order.
        start: batches to leave out at the beginning, those of all processes together.
        rank: of ``world`` processes that take turns.
        world: how many processes share the batches; the batches themselves do not depend on it.
        shares: photos with weights; each share goes round all its photos before one comes again. Empty for all alike.
    """

    def __init__(
        self,
        photos: int,
        sizes: Sequence[BatchSize],
        *,
        seed: int,
        start: int = 0,
        rank: int = 0,
        world: int = 1,
        shares: Sequence[Share] = (),
    ) -> None:
        self.photos, self.sizes, self.seed = photos, tuple(sizes), seed
        self.start, self.rank, self.world = start, rank, world
        self.shares = tuple(shares)

    def epoch(self, epoch: int) -> list[list[Draw]]:
        """Returns all batches of one epoch, for all processes.

        What is left over at the end waits for another epoch: a batch of one photo has no statistics to normalise by.
        """
        rng = np.random.default_rng([self.seed, epoch, 0])
        order = self._order(epoch, rng)
        weights = np.array([size.weight for size in self.sizes], float)
        batches: list[list[Draw]] = []
        first = 0
        while first < len(order):
            size = self.sizes[int(rng.choice(len(self.sizes), p=weights / weights.sum()))]
            taken = order[first : first + size.batch_size]
            if len(taken) < size.batch_size and batches:
                break
            batches.append([Draw(turn, index, size.image_size) for turn, index in taken])
            first += size.batch_size
        return batches

    def _order(self, epoch: int, rng: np.random.Generator) -> list[tuple[int, int]]:
        """Returns the epoch's photos, each with how often it has had its turn before."""
        if not self.shares:
            return [(epoch, index) for index in rng.permutation(self.photos).tolist()]
        order = [turn for number, share in enumerate(self.shares) for turn in self._turns(epoch, number, share)]
        return [order[place] for place in rng.permutation(len(order)).tolist()]

    def _turns(self, epoch: int, number: int, share: Share) -> Iterator[tuple[int, int]]:
        """Returns an epoch's part of a share's rounds, laid end to end; each round has an order of its own."""
        size = len(share.indexes)
        first, last = (math.floor(e * size * share.weight) for e in (epoch, epoch + 1))
        for turn in range(first // size, -(-last // size)):
            order = np.random.default_rng([self.seed, turn, number, 0, 1]).permutation(share.indexes)
            inside = order[max(first - turn * size, 0) : last - turn * size]
            yield from ((turn, index) for index in inside.tolist())

    def __iter__(self) -> Iterator[list[Draw]]:
        # one sequence over the ends of epochs: no process runs out of batches, and another number of them can go on
        epoch, wanted = 0, self.start + self.rank
        while True:
            batches = self.epoch(epoch)
            # so light a share that an epoch has none of it is skipped
            while wanted < len(batches):
                yield batches[wanted]
                wanted += self.world
            wanted -= len(batches)
            epoch += 1
