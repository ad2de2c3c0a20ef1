"""Colours the photos of a run on the machines of a Ray cluster.

Each photo is a task. It reads the photo where it lies, so every machine must see it under the same path; the coloured
file comes back through Ray and is put in place, and written down, where the run was started. So a run on a cluster is
gone on with as any other, and the machines need not be able to write.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from photochrom.batch.output import PhotoRenderer, RenderedOutput
from photochrom.batch.plan import Job
from photochrom.batch.sidecars import Settings, Sidecars
from photochrom.colorizer import Colorizer
from photochrom.errors import UnreadablePictureError
from photochrom.image_io import Picture
from photochrom.registry import Model, find_model
from photochrom.system.ray_cluster import RETRIES, joined, reason

__all__ = ["ClusterRenderer", "open_cluster_renderer"]

#: in a process of the cluster: the network it has open, by checksum and device
_opened: dict[tuple[str, str], Colorizer] = {}


@dataclass(frozen=True, eq=False)
class _SharedInput:
    """What all photos of a run have in common; sent to each machine once."""

    model: Model
    device: str
    settings: Settings
    reference: Picture | None
    beside: Sidecars


class ClusterRenderer:
    """Colours photos on a cluster; from :func:`open_cluster_renderer`. Its method may run in several threads."""

    #: the machines' memory is the cluster's business
    in_flight: int | None = None

    def __init__(self, ray: Any, shared: _SharedInput) -> None:
        self._ray = ray
        self._task = ray.remote(num_cpus=1, max_retries=RETRIES)(_render)
        self._shared = ray.put(shared)
        #: photos the cluster can work on at the same time
        self.processors = max(1, int(ray.cluster_resources().get("CPU", 1)))

    def render(self, job: Job, whole: bool) -> RenderedOutput:
        """Colours a job's photo somewhere, and wait for it.

        Raises:
            InputError: it cannot be coloured, or its machine does not see it.
            OutputError: it was lost too often.
        """
        here = replace(job, source=job.source.absolute(), target=job.target.absolute())
        try:
            rendered: RenderedOutput = self._ray.get(self._task.remote(self._shared, here, whole))
        except self._ray.exceptions.RayError as error:
            raise reason(self._ray, error, "this photo") from error
        return rendered


@contextmanager
def open_cluster_renderer(
    colorizer: Colorizer, settings: Settings, *, reference: Picture | None, beside: Sidecars
) -> Iterator[ClusterRenderer]:
    """Joins the cluster of ``RAY_ADDRESS``, or begins one here, until the ``with`` block ends.

    Args:
        colorizer: names the network and where it runs; the machines open their own.
        settings: as for :class:`~photochrom.batch.output.PhotoRenderer`.
        reference: as there.
        beside: as there.

    Raises:
        MissingDependencyError: Ray is not installed.
        OutputError: the cluster cannot be reached.
    """
    if settings.reference is not None:
        settings = replace(settings, reference=settings.reference.absolute())
    with joined("Sharing photos among machines") as ray:
        model = find_model(colorizer.path)
        yield ClusterRenderer(ray, _SharedInput(model, colorizer.wanted_device, settings, reference, beside))


def _render(shared: _SharedInput, job: Job, whole: bool) -> RenderedOutput:
    """Colours a photo on a machine of the cluster; returns it as the bytes of its files."""
    if not job.source.is_file():
        raise UnreadablePictureError("batch.not_seen_there", path=job.source, machine=socket.gethostname())
    key = (shared.model.card.sha256, shared.device)
    if key not in _opened:
        _opened[key] = Colorizer(shared.model, device=shared.device, threads=1)
    renderer = PhotoRenderer(_opened[key], shared.settings, reference=shared.reference, beside=shared.beside)
    return renderer.render(job, whole).encode()
