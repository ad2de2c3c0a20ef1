"""From the bytes of a photo to the bytes of its result and of what lies beside it, whatever store both are in."""

import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from photochrom.batch.journal import Record
from photochrom.batch.output import PhotoRenderer
from photochrom.batch.plan import Job
from photochrom.batch.saving import Saving
from photochrom.batch.stored.marks import OutputMarks
from photochrom.batch.stored.select import StoredTask
from photochrom.errors import OutputExistsError
from photochrom.image_io.formats import SUFFIXES, count_pixels
from photochrom.system.admission import PixelGate
from photochrom.system.stores import Store, StoreSet, name_of

__all__ = ["PhotoBytes", "ResultBytes", "color_bytes", "deliver", "fetch"]


@dataclass(frozen=True)
class PhotoBytes:
    """A photo as it was read; ``sidecar`` is its XMP file, None without one."""

    content: bytes
    sidecar: bytes | None


@dataclass(frozen=True)
class ResultBytes:
    """A result that is not in place yet: its file, those beside it by name, and what is known about it."""

    content: bytes
    beside: Mapping[str, bytes]
    record: Record


def fetch(stores: StoreSet, task: StoredTask) -> PhotoBytes:
    """Reads a photo.

    Raises:
        StoreError: it cannot be read, or has changed since it was listed.
    """
    job, store = task.job, stores.get(task.job.source.address)
    sidecar = None if job.sidecar is None else store.read(job.sidecar.address, job.sidecar.size)
    return PhotoBytes(store.read(job.source.address, job.source.size), sidecar)


def color_bytes(
    renderer: PhotoRenderer, task: StoredTask, photo: PhotoBytes, saving: Saving, gate: PixelGate | None = None
) -> ResultBytes:
    """Colours a photo, in a folder of its own that is gone afterwards; where there is a gate, when that lets it in.

    Raises:
        InputError: it cannot be coloured; its subclasses say why.
    """
    job = task.job
    with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
        source = Path(folder, "in", name_of(job.source.address))
        target = Path(folder, "out", name_of(job.target))
        source.parent.mkdir()
        source.write_bytes(photo.content)
        if job.sidecar is not None and photo.sidecar is not None:
            source.with_name(name_of(job.sidecar.address)).write_bytes(photo.sidecar)
        suffix = target.suffix.lower()
        if suffix in SUFFIXES:
            # before the network works in vain
            saving.check(SUFFIXES[suffix], source.name)
        with nullcontext() if gate is None else gate.admit(count_pixels(source)):
            rendered = renderer.render(Job(source, target, job.name, target.parent), job.whole)
            if saving == Saving():
                encoded = rendered.encode().picture
                assert isinstance(encoded, bytes)
                return ResultBytes(encoded, rendered.beside, rendered.record)
            rendered.place(target, overwrite=False, overwrite_beside=False, saving=saving)
        return ResultBytes(target.read_bytes(), rendered.beside, rendered.record)


def deliver(store: Store, marks: OutputMarks | None, task: StoredTask, result: ResultBytes, record: Record) -> None:
    """Writes a result: first what lies beside it, then the picture, then the mark that it is there.

    Raises:
        OutputExistsError: a file has appeared there that is another, and may not be replaced.
        StoreError, WriteError: it cannot be written.
    """
    job = task.job
    folder = job.target.removesuffix(name_of(job.target))
    for name, content in result.beside.items():
        _write(store, folder + name, content, overwrite=task.replace)
    try:
        _write(store, job.target, result.content, overwrite=task.replace)
    except OutputExistsError:
        # a TIFF says when it was written, so what a lost worker wrote is known by our mark alone
        there = store.look_up(job.target)
        if marks is None or there is None or not marks.is_ours(there):
            raise
        store.write(job.target, result.content, overwrite=True)
    if marks is not None:
        marks.finish(job.relative, task.key, len(result.content), record, task.old)


def _write(store: Store, address: str, content: bytes, *, overwrite: bool) -> None:
    try:
        store.write(address, content, overwrite=overwrite)
    except OutputExistsError:
        # what a worker wrote before it was lost is the same again
        there = store.look_up(address)
        if there is None or there.size != len(content) or store.read(address) != content:
            raise
