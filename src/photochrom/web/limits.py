"""What the service takes at most; each bound is told to clients, and each has its 4xx or 503."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from photochrom.errors import OptionError

__all__ = ["PREFIX", "Limits"]

#: ``PHOTOCHROM_MAX_PIXELS=20000000`` sets ``Limits.pixels``
PREFIX = "PHOTOCHROM_MAX_"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of the service; whole numbers above 0.

    Attributes:
        photo_bytes: of a photo's upload.
        film_bytes: of a film's upload.
        pixels: of a photo, over all its pages.
        film_pixels: of a film's frame.
        frames: of a film.
        film_seconds: of a film.
        hints: of one picture.
        photos: that a client has at a time.
        jobs: that a client has at a time, finished ones included.
        active_jobs: of a client that wait or run.
        queue: jobs that wait, of all clients together.
        alternatives: asked for at once.
        side: of a preview, pixels.
        photo_seconds: how long a photo is kept after its last use.
        job_seconds: how long a job and its result are kept after its end.
        upload_seconds: that an upload may take.
        idle_seconds: without a byte, after which an upload is given up.
        waiting: requests that wait for a processor.
        patience: seconds a request waits for a processor.
        pixels_at_once: of all pictures in work together; one alone may have more.
        cache_bytes: of decoded photos kept in memory, a process.
        store_bytes: of everything stored.
        attempts: times a job is begun before it is given up, when its worker was lost each time.
        silence: seconds without a word from a worker, after which it is held for lost.
    """

    photo_bytes: int = 100_000_000
    film_bytes: int = 2_000_000_000
    pixels: int = 60_000_000
    film_pixels: int = 2048 * 1152
    frames: int = 30_000
    film_seconds: int = 1200
    hints: int = 500
    photos: int = 100
    jobs: int = 20
    active_jobs: int = 4
    queue: int = 200
    alternatives: int = 12
    side: int = 2048
    photo_seconds: int = 3600
    job_seconds: int = 24 * 3600
    upload_seconds: int = 900
    idle_seconds: int = 20
    waiting: int = 32
    patience: int = 8
    pixels_at_once: int = 120_000_000
    cache_bytes: int = 400_000_000
    store_bytes: int = 20_000_000_000
    attempts: int = 3
    silence: int = 15

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise OptionError(f"the limit {field.name} is {value!r}: give a whole number, 1 or more")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Limits":
        """The defaults, but for what variables like ``PHOTOCHROM_MAX_PIXELS`` say.

        Raises:
            OptionError: a variable names no limit, or its value is no whole number above 0.
        """
        known = {field.name for field in fields(cls)}
        given = {}
        for key, text in environment.items():
            if not key.startswith(PREFIX):
                continue
            name = key.removeprefix(PREFIX).lower()
            if name not in known:
                raise OptionError(f"{key} names no limit: use one of {', '.join(PREFIX + n.upper() for n in known)}")
            if not text.strip().isdecimal():
                raise OptionError(f"{key} is {text!r}: give a whole number, 1 or more")
            given[name] = int(text)
        return cls(**given)
