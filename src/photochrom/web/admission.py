"""Admits heavy work: a few at a time in threads, a few more that wait a little; all else is refused."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from photochrom.web.errors import ApiError
from photochrom.web.limits import Limits
from photochrom.web.middleware.counters import BUSY, COLORING, WAITING

__all__ = ["AdmissionController", "ClientGoneError"]

Answer = TypeVar("Answer")


class ClientGoneError(Exception):
    """Nobody waits for the answer any more."""


class AdmissionController:
    """Runs heavy work, bounded by number and by pixels; one for each process, used from its event loop.

    Args:
        concurrency: how much is done at the same time; the number of processors.
        limits: how many wait and how long, and the pixels in work together.
    """

    def __init__(self, concurrency: int, limits: Limits) -> None:
        self._concurrency, self._limits = concurrency, limits
        self._pool = ThreadPoolExecutor(concurrency, thread_name_prefix="photochrom-work")
        self._queue: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._busy, self._pixels = 0, 0

    @property
    def busy(self) -> int:
        """How much is in work."""
        return self._busy

    @property
    def waiting(self) -> int:
        """How much waits."""
        return sum(not turn.done() for _, turn in self._queue)

    @property
    def is_quiet(self) -> bool:
        """Whether no more than one thing is in work, and nothing waits."""
        return self._busy <= 1 and not self._queue

    async def run(
        self, work: Callable[[], Answer], *, pixels: int, gone: Callable[[], Awaitable[bool]] | None = None
    ) -> Answer:
        """Runs work in a thread when it is its turn.

        Args:
            work: called once.
            pixels: that it holds in memory; work with more than the limit runs alone.
            gone: whether whoever asked has left, asked when the turn comes.

        Raises:
            ApiError: 503, all places are taken and enough others wait, or the turn did not come in time.
            ClientGoneError: nobody waits for it any more.
        """
        await self._enter(pixels)
        try:
            if gone is not None and await gone():
                raise ClientGoneError
            return await asyncio.get_running_loop().run_in_executor(self._pool, _timed, work)
        finally:
            self._leave(pixels)

    def close(self) -> None:
        """Ends; no more work is admitted."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _enter(self, pixels: int) -> None:
        if not self.waiting and self._fits(pixels):
            self._take(pixels)
            return
        if self.waiting >= self._limits.waiting:
            raise ApiError("service.busy")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((pixels, turn))
        WAITING.set(self.waiting)
        try:
            await asyncio.wait([turn], timeout=self._limits.queue_timeout)
        except asyncio.CancelledError:
            # the turn may have come in the same moment
            if turn.done():
                self._leave(pixels)
            raise
        finally:
            came = turn.done()
            turn.cancel()
            WAITING.set(self.waiting)
        if not came:
            raise ApiError("service.busy")

    def _leave(self, pixels: int) -> None:
        self._busy -= 1
        self._pixels -= pixels
        self._admit()
        BUSY.set(self._busy)

    def _fits(self, pixels: int) -> bool:
        alone = self._busy == 0
        return alone or (self._busy < self._concurrency and self._pixels + pixels <= self._limits.pixels_at_once)

    def _take(self, pixels: int) -> None:
        self._busy += 1
        self._pixels += pixels
        BUSY.set(self._busy)

    def _admit(self) -> None:
        # first come, first served: a giant is not kept waiting for ever by small ones
        while self._queue:
            pixels, turn = self._queue[0]
            if turn.done():
                self._queue.popleft()
            elif self._fits(pixels):
                self._queue.popleft()
                self._take(pixels)
                turn.set_result(None)
            else:
                return


def _timed(work: Callable[[], Answer]) -> Answer:
    begun = time.perf_counter()
    try:
        return work()
    finally:
        COLORING.observe(time.perf_counter() - begun)
