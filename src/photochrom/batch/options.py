"""How the work on photos is done: the options of every way to run a plan, over files and over addresses."""

from dataclasses import dataclass, field, replace
from typing import Any, TypedDict

from photochrom.batch.sidecars import Sidecars
from photochrom.errors import OptionError
from photochrom.image_io import MAX_PIXELS

__all__ = ["BACKENDS", "BatchKeywords", "BatchOptions", "resolve_batch_options"]

#: where photos are coloured
BACKENDS = ("local", "ray")


@dataclass(frozen=True, kw_only=True)
class BatchOptions:
    """How the work on photos is done.

    Args:
        max_pixels: refuse photos with more pixels than this.
        beside: what is written beside each output; for addresses, no project file.
        jobs: photos worked on at the same time; None for one a processor.
        backend: "local", or "ray" for the machines of the Ray cluster that ``RAY_ADDRESS`` names; see
            :mod:`photochrom.batch.ray_backend`.
        resume: leave alone what an earlier run finished with the same source, network and options.
        overwrite: replace files that are there already.

    Raises:
        OptionError: there are fewer jobs than one, or the backend is not known.
    """

    max_pixels: int = MAX_PIXELS
    beside: Sidecars = field(default_factory=Sidecars)
    jobs: int | None = None
    backend: str = "local"
    resume: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        if self.jobs is not None and self.jobs < 1:
            raise OptionError("batch.jobs_out_of_range", jobs=self.jobs)
        if self.backend not in BACKENDS:
            raise OptionError("batch.backend_unknown", backend=self.backend, known=" or ".join(BACKENDS))


class BatchKeywords(TypedDict, total=False):
    """The fields of :class:`BatchOptions` as keywords."""

    max_pixels: int
    beside: Sidecars
    jobs: int | None
    backend: str
    resume: bool
    overwrite: bool


def resolve_batch_options(options: BatchOptions | None, changes: BatchKeywords) -> BatchOptions:
    """Returns options with changes; the defaults where there are none.

    Raises:
        OptionError: a value is out of range.
        TypeError: a change has no field of its name.
    """
    given: dict[str, Any] = dict(changes)
    return replace(options or BatchOptions(), **given)
