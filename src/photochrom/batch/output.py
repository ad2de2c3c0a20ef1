"""A coloured photo on its way to the disk: the picture, what lies beside it, and how both are put in place."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from photochrom.batch.journal import Record
from photochrom.batch.plan import Job
from photochrom.batch.report import FileReport
from photochrom.batch.saving import Saving
from photochrom.batch.sidecars import Settings, Sidecars, remove_files, write_sidecars
from photochrom.colorizer import Colorizer, count_processors
from photochrom.errors import WriteError
from photochrom.image_io import SUFFIXES, Picture, read_picture, rows
from photochrom.image_io.formats import count_pixels
from photochrom.image_io.metadata.xmp_files import find_xmp, name_xmp, recolor_xmp
from photochrom.image_io.write import save
from photochrom.presentation.mark import mark
from photochrom.presentation.options import DisplayOptions
from photochrom.result import Result
from photochrom.system.atomic import write_whole

__all__ = ["PhotoRenderer", "RenderedOutput", "assemble_output"]

#: pixels of a photo from which on it pays to colour it part by part
PARTED = 1 << 20


@dataclass(frozen=True, eq=False)
class RenderedOutput:
    """A coloured photo that is not in place yet.

    Attributes:
        picture: the picture, or the bytes of its file.
        format: of the file.
        record: what is known about it; its time is the network's alone.
        beside: the content of the files beside it, by name.
        source: the photo; group and others get no more rights on its results than on it.
        model: the network's name.
    """

    picture: Picture | bytes
    format: str
    record: Record
    beside: Mapping[str, bytes]
    source: Path | None = None
    model: str = ""

    def encode(self) -> "RenderedOutput":
        """Returns a copy with the picture as the bytes of its file, to be sent."""
        if isinstance(self.picture, bytes):
            return self
        return replace(self, picture=self.picture.to_bytes(self.format))

    def report(self, source: str, target: Path, *, model: str) -> FileReport:
        """Returns what a report says of it, once it is in place."""
        return FileReport(source=source, target=str(target), status="done", model=model, **asdict(self.record))

    def place(
        self,
        target: Path,
        *,
        overwrite: bool,
        overwrite_beside: bool,
        keep_times: bool = False,
        saving: Saving | None = None,
    ) -> None:
        """Writes all of it, each file at once or not at all; if one fails, none stays that was not there before.

        First what lies beside: where the picture is in place, all of it is. ``keep_times`` gives it the photo's times,
        ``saving`` says what else is done to it.

        Raises:
            UnsupportedPictureError: it cannot be saved so.
            OutputExistsError: one is there already, and may not be replaced.
            WriteError: one cannot be written.
        """
        chosen = saving or Saving()
        picture: Picture | bytes = self.picture
        if isinstance(picture, Picture):
            chosen.check(self.format, self.source.name if self.source else target.name, picture)
            if self.source is not None:
                picture = chosen.encode(picture, self.source) or picture
        _make_folder(target.parent)
        files = {target.with_name(name): content for name, content in self.beside.items()}
        new = write_sidecars(files, overwrite=overwrite_beside, like=self.source)

        def finish(path: Path) -> None:
            if self.source is not None:
                chosen.finish(path, self.format, title=target.name, model=self.model, original=self.source)

        try:
            if isinstance(picture, bytes):
                write_whole(
                    target, picture, overwrite=overwrite, like=self.source, keep_times=keep_times, finish=finish
                )
            else:
                save(
                    picture,
                    target,
                    overwrite=overwrite,
                    format_name=self.format,
                    like=self.source,
                    keep_times=keep_times,
                    finish=finish,
                )
        except BaseException:
            remove_files(new)
            raise


class PhotoRenderer:
    """Colours the photos of a run, here. Its method may run in several threads at once.

    Args:
        colorizer: the network.
        settings: how.
        reference: the photo that the options name, open.
        beside: what is written beside each output.
        on_page: called before each page of a photo with how many are done, and how many there are; in any thread.
        ahead: photos that are being read already, as they will be wanted; by their paths.
    """

    #: pixels of the photos worked on at the same time
    in_flight: int | None = 100_000_000

    def __init__(
        self,
        colorizer: Colorizer,
        settings: Settings,
        *,
        reference: Picture | None = None,
        beside: Sidecars,
        on_page: Callable[[Job, int, int], None] | None = None,
        ahead: Mapping[Path, Future[Picture]] | None = None,
    ) -> None:
        self._colorizer, self._settings, self._reference, self._beside = colorizer, settings, reference, beside
        self._on_page = on_page
        self._ahead = dict(ahead or {})

    @property
    def processors(self) -> int:
        """How many photos can be worked on at the same time."""
        return count_processors()

    def render(self, job: Job, whole: bool) -> RenderedOutput:
        """Colours a job's photo; ``whole`` as in :meth:`~photochrom.batch.sidecars.Sidecars.paths`.

        Raises:
            InputError: it cannot be coloured; its subclasses say why.
        """
        options = replace(self._settings.options, reference=self._reference)
        limit = self._settings.max_pixels
        source: Path | Picture = job.source
        if self._may_read_by_rows(job):
            source = read_picture(job.source, max_pixels=limit, by_rows=True, salvage=options.salvage)
        else:
            in_parts = self._may_color_by_rows(job)
            # not kept, for it may be large
            begun = self._ahead.pop(job.source, None)
            if begun is not None:
                source = begun.result()
            elif in_parts:
                source = read_picture(job.source, max_pixels=limit, salvage=options.salvage)
            if in_parts and isinstance(source, Picture):
                source = _color_by_rows(source)
            del begun
        if self._on_page is None:
            result = self._colorizer(source, options, max_pixels=limit)
        else:
            result = self._colorizer(source, options, max_pixels=limit, on_page=partial(self._on_page, job))
        return assemble_output(result, job.source, job.target, self._settings, self._beside, whole=whole)

    def _may_read_by_rows(self, job: Job) -> bool:
        """Tells whether a photo is large, and only its reader, recolouring and writer look at its pixels."""
        # a name without a picture's suffix keeps the photo's format: of those, these two are read by rows
        if SUFFIXES.get(job.target.suffix.lower(), "TIFF") not in ("JPEG", "TIFF"):
            return False
        if self._settings.options.auto_contrast or self._beside.confidence:
            return False
        return count_pixels(job.source) >= rows.LARGE

    def _may_color_by_rows(self, job: Job) -> bool:
        """Tells whether only the writer looks at a result's pixels, and takes them part by part."""
        beside = self._beside
        is_plain = beside.display == DisplayOptions() and not beside.confidence
        is_jpeg = SUFFIXES.get(job.target.suffix.lower()) == "JPEG"
        return is_plain and is_jpeg and count_pixels(job.source) >= PARTED


def _color_by_rows(picture: Picture) -> Picture:
    """Returns a gray photo of 8 bits so that it is coloured while it is encoded; any other as it is."""
    page = picture.pages[0]
    is_gray = page.pixels.ndim == 2 and page.pixels.dtype == np.uint8 and page.missing is None
    if not is_gray or len(picture.pages) > 1 or picture.metadata.encoding.progressive:
        return picture
    return replace(picture, pages=(replace(page, pixels=rows.rows_of(page.pixels)),))


def assemble_output(
    result: Result, source: Path, target: Path, settings: Settings, beside: Sidecars, *, whole: bool = False
) -> RenderedOutput:
    """Returns what a result becomes at ``target``.

    Raises:
        OptionError: the network gives no confidence.
    """
    page = result.picture.pages[0]
    contents = beside.contents(result, source, target, settings, whole=whole)
    sidecar = find_xmp(source)
    if sidecar is not None:
        contents[name_xmp(sidecar, source, target, whole=whole)] = recolor_xmp(
            sidecar.read_bytes(), model=result.model, turned=result.picture.metadata.encoding.turned
        )
    return RenderedOutput(
        mark(result.picture, beside.display),
        # a name without a picture's suffix keeps the format the file was found to have
        SUFFIXES.get(target.suffix.lower(), result.picture.format),
        Record(
            result.seconds,
            result.confidence,
            page.width,
            page.height,
            result.matches,
            result.picture.notes,
            datetime.now(UTC).isoformat(timespec="seconds"),
        ),
        {path.name: content for path, content in contents.items()},
        source,
        result.model,
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError("batch.folder_unwritable", path=folder, reason=error.strerror) from error
