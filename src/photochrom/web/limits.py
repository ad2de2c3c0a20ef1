"""The limits of the service; each has its environment variable and its refusal with a status of 4xx, 503 or 507."""

import os
from dataclasses import dataclass, fields

from photochrom.deprecations import ENVIRONMENT, read_environment
from photochrom.errors import OptionError

__all__ = ["PREFIX", "Limits"]

#: ``PHOTOCHROM_MAX_PIXELS=20000000`` sets ``Limits.pixels``
PREFIX = "PHOTOCHROM_MAX_"
_VARIABLES = {"queue_timeout": "PHOTOCHROM_QUEUE_TIMEOUT", "worker_timeout": "PHOTOCHROM_WORKER_TIMEOUT"}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of the service; whole numbers above 0.

    Attributes:
        photo_bytes: of a photo's upload.
        video_bytes: of a video's upload.
        pixels: of a photo, over all its pages.
        video_pixels: of a video's frame.
        frames: of a video.
        video_seconds: of a video.
        hints: of one photo.
        photos: that a client has at a time.
        videos: that a client has at a time.
        jobs: that a client has at a time, finished ones included.
        active_jobs: of a client that wait or run.
        queue: jobs that wait, of all clients together.
        variations: asked for at once.
        size: longest side of a preview, pixels.
        photo_seconds: how long a photo or a video is kept after its last use.
        job_seconds: how long a job and its result are kept after its end.
        upload_seconds: that an upload may take.
        idle_seconds: without a byte, after which an upload is given up.
        waiting: requests that wait for a processor.
        queue_timeout: seconds a request waits for a processor.
        pixels_at_once: of all photos in work together; one alone may have more.
        cache_bytes: of decoded photos kept in memory, a process.
        store_bytes: of everything stored.
        attempts: times a job is begun before it is given up, when its worker was lost each time.
        worker_timeout: seconds without a word from a worker, after which it counts as lost.
    """

    photo_bytes: int = 100_000_000
    video_bytes: int = 2_000_000_000
    pixels: int = 60_000_000
    video_pixels: int = 2048 * 1152
    frames: int = 30_000
    video_seconds: int = 1200
    hints: int = 500
    photos: int = 100
    videos: int = 10
    jobs: int = 20
    active_jobs: int = 4
    queue: int = 200
    variations: int = 12
    size: int = 2048
    photo_seconds: int = 3600
    job_seconds: int = 24 * 3600
    upload_seconds: int = 900
    idle_seconds: int = 20
    waiting: int = 32
    queue_timeout: int = 8
    pixels_at_once: int = 120_000_000
    cache_bytes: int = 400_000_000
    store_bytes: int = 20_000_000_000
    attempts: int = 3
    worker_timeout: int = 15

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise OptionError("service.invalid_limit", limit=field.name, value=value)

    @classmethod
    def from_environment(cls) -> "Limits":
        """Returns the defaults, but for what variables like ``PHOTOCHROM_MAX_PIXELS`` say.

        Raises:
            OptionError: a variable does not name a limit, or its value is not a whole number above 0.
        """
        variables = {field.name: _VARIABLES.get(field.name, PREFIX + field.name.upper()) for field in fields(cls)}
        for variable in os.environ:
            if variable.startswith(PREFIX) and variable not in {*variables.values(), *ENVIRONMENT.values()}:
                raise OptionError("service.unknown_limit", variable=variable, known=", ".join(variables.values()))
        given = {}
        for name, variable in variables.items():
            text = read_environment(variable)
            if text is not None:
                if not text.strip().isdecimal():
                    raise OptionError("service.invalid_limit", limit=variable, value=text)
                given[name] = int(text)
        return cls(**given)
