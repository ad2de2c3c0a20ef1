"""A contact sheet: a page with one coloured frame of every shot, to look at and steer a film before the long run."""

import html
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from string import Template
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.errors import OutputExistsError, UnreadableFilmError, WriteError
from photochrom.inference.session import OnnxSession
from photochrom.recolor import recolor
from photochrom.registry import DEFAULT_MODEL, find_model
from photochrom.video.execution.planes import FrameViewer
from photochrom.video.guidance.guidance import VideoGuidance
from photochrom.video.media.probe import Video, probe
from photochrom.video.media.reader import Frame
from photochrom.video.media.scan import Scan, frames_from, scan_video
from photochrom.video.options import VideoOptions
from photochrom.video.report import Progress, Shot
from photochrom.video.summary import list_shots
from photochrom.video.temporal.frame_hint import FrameHint
from photochrom.video.temporal.stabilizer import color_shot
from photochrom.video.timecode import show_time
from photochrom.video.yuv.colorimetry import colorimetry_of
from photochrom.video.yuv.luma_view import LumaViewer, make_page

__all__ = ["ShownFrame", "write_contact_sheet"]

#: the folder of the frames as they are, in the sheet's own
_GRAY = "gray"


@dataclass(frozen=True)
class ShownFrame:
    """One shot of a contact sheet: where it lies, and the number of the frame that is shown, from 0."""

    shot: Shot
    frame: int


class _Painter(NamedTuple):
    session: OnnxSession
    options: VideoOptions
    view: FrameViewer
    whole: LumaViewer

    def paint(self, frame: Frame, hints: tuple[FrameHint, ...]) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
        """Returns a frame in gray (H,W) and in colour (H,W,3), uint8."""
        ((ab, _),) = color_shot(self.session, iter([self.view(frame)]), options=self.options, hints=hints)
        page = make_page(self.whole(frame.luma))
        return page.pixels, recolor(page, ab, strength=self.options.strength)


def write_contact_sheet(
    source: str | Path,
    folder: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    device: str = "auto",
    options: VideoOptions | None = None,
    guidance: VideoGuidance | None = None,
    overwrite: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> tuple[ShownFrame, ...]:
    """Writes a page ``index.html`` with a frame of every shot, coloured as the film will be.

    The coloured frames stand beside the page as PNG files. Repainted in another program, they can be given back as
    frames that were coloured elsewhere; the folder ``gray`` has them as they are.

    Args:
        source: the film.
        folder: where to; made, or empty.
        model: a name of :func:`photochrom.list_models`, or a weights file.
        device: as for :func:`photochrom.video.api.colorize_video`.
        options: how the film is coloured.
        guidance: what steers it; a shot with hints or references is shown at the frame of its first one.
        overwrite: replace an earlier contact sheet.
        on_progress: called with how far the work is.

    Returns:
        The shots, in order.

    Raises:
        InputError: the film, an option, a hint or a reference cannot be used.
        OutputError: the folder is not empty, or cannot be written.
        ModelError: the network cannot be used.
    """
    folder, options, guidance = Path(folder), options or VideoOptions(), guidance or VideoGuidance()
    tell = on_progress or (lambda progress: None)
    _check_folder(folder, overwrite=overwrite)
    guidance.check()
    video = probe(source, rate=options.rate)

    def watch(count: int) -> bool:
        tell(Progress("scan", count, video.declared_frames or None))
        return False

    scan = scan_video(video, span=options.span, on_frame=watch)
    if scan is None:
        raise UnreadableFilmError("video.changed", path=video.path)
    session = OnnxSession(find_model(model), device=device)
    numbers = list(range(len(scan.shots)))
    placed, notes = guidance.place(video, scan, numbers, lambda: session)
    tell(Progress("color", 0, len(numbers), notes=tuple(notes)))
    painter = _Painter(
        session,
        options,
        FrameViewer(video, session.card, options.input_size),
        LumaViewer(colorimetry_of(video), video.orientation, video.shown_size),
    )
    shown = []
    try:
        (folder / _GRAY).mkdir(parents=True, exist_ok=True)
        for number, shot in enumerate(list_shots(video, scan)):
            hints = placed.get(number, ())
            # hints are also given to frames before their own; the last is where a person put one
            within = max((hint.frame for hint in hints), default=shot.frames // 2)
            _write_frames(painter, video, scan, folder, number, shot.first + within, hints)
            shown.append(ShownFrame(shot, shot.first + within))
            tell(Progress("color", number + 1, len(numbers)))
        (folder / "index.html").write_text(_make_page(video, shown), encoding="utf-8")
    except OSError as error:
        raise WriteError("video.sheet_not_written", path=folder, reason=error.strerror) from error
    return tuple(shown)


def _check_folder(folder: Path, *, overwrite: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise OutputExistsError("video.sheet_exists", path=folder)
    if folder.is_dir() and any(folder.iterdir()):
        if not (overwrite and (folder / "index.html").exists() and (folder / _GRAY).is_dir()):
            raise OutputExistsError("video.sheet_exists", path=folder)
        for path in folder.glob("shot-*.png"):
            path.unlink()
        shutil.rmtree(folder / _GRAY)


def _write_frames(
    painter: _Painter, video: Video, scan: Scan, folder: Path, shot: int, number: int, hints: tuple[FrameHint, ...]
) -> None:
    frame = next(frames_from(video, scan, number))
    own = tuple(replace(hint, frame=0) for hint in hints if hint.frame == number - scan.shots[shot][0])
    gray, colored = painter.paint(frame, own)
    name = _name(shot)
    Image.fromarray(gray).save(folder / _GRAY / name)
    Image.fromarray(colored).save(folder / name)


def _name(shot: int) -> str:
    return f"shot-{shot + 1:04}.png"


def _make_page(video: Video, shown: list[ShownFrame]) -> str:
    template = Template(resources.files("photochrom.video").joinpath("contact_sheet.html").read_text(encoding="utf-8"))
    height, width = video.upright_size
    shots = [
        {
            "name": _name(number),
            "gray": f"{_GRAY}/{_name(number)}",
            "number": number + 1,
            "frame": preview.frame,
            "start": show_time(preview.shot.start),
            "seconds": round(preview.shot.seconds, 2),
        }
        for number, preview in enumerate(shown)
    ]
    # a name may hold anything: nothing of it may end the script
    data = json.dumps({"width": width, "height": height, "shots": shots}).replace("<", "\\u003c")
    return template.substitute(title=html.escape(video.path.name), data=data)
