"""Takes the colours of other photos for the shots of a film: what matches at a frame becomes hints there."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photochrom.deprecations import find_attribute
from photochrom.image_io import Page, read_picture
from photochrom.inference.guidance import Trust
from photochrom.inference.predictor import Predictor
from photochrom.inference.session import OnnxSession
from photochrom.steering.reference_matching import check_reference, match_reference
from photochrom.video.guidance.hints import find_frame
from photochrom.video.media.probe import Video
from photochrom.video.media.scan import Scan, frames_from
from photochrom.video.media.segments import LONGEST
from photochrom.video.temporal.frame_hint import FrameHint
from photochrom.video.timecode import parse_time
from photochrom.video.yuv.colorimetry import colorimetry_of
from photochrom.video.yuv.luma_view import LumaViewer, make_page

__all__ = ["VideoReference", "match_references", "parse_reference"]

#: short side of a frame that is matched, pixels
_SIDE = 384

Placed = dict[int, tuple[FrameHint, ...]]


@dataclass(frozen=True)
class VideoReference:
    """A photo whose colours matching things in a film take.

    Args:
        photo: in colour.
        time: seconds from the film's start, of a frame of the shot that the photo is for; None for every shot.
    """

    photo: Path
    time: float | None = None

    def read(self) -> Page:
        """Returns its first page.

        Raises:
            InputError: it cannot be read.
            OptionError: it has no colours.
        """
        page = read_picture(self.photo).pages[0]
        check_reference(page)
        return page


def parse_reference(text: str) -> VideoReference:
    """Returns the reference that ``PHOTO`` or ``PHOTO@TIME`` means; TIME is read by :func:`parse_time`.

    A photo whose own name ends like that is taken by its name.

    Raises:
        OptionError: the time is not a time.

    >>> parse_reference("portrait.jpg@1:30").time
    90.0
    """
    name, at, time = text.rpartition("@")
    if not at or Path(text).exists():
        return VideoReference(Path(text))
    return VideoReference(Path(name), parse_time(time))


def match_references(
    references: Sequence[VideoReference], video: Video, scan: Scan, shots: Sequence[int], session: OnnxSession
) -> tuple[Placed, list[str]]:
    """Matches photos with the frames of shots.

    A photo for one shot is matched with the frame of its time, a photo for all with frames from one end of each shot to
    the other, one for about ten seconds.

    Args:
        references: the photos; of two that match one thing, the later is believed.
        video: what is coloured.
        scan: its frames.
        shots: numbers of the shots that are coloured.
        session: the network that is matched with, and that will take the hints.

    Returns:
        Hints by shot, and a sentence for each photo that says what came of it.

    Raises:
        OptionError: a photo has no colours or its time is not in the film, or the network does not give its features.
        InputError: a photo cannot be read.
    """
    predictor = Predictor(session)
    height, width = video.shown_size
    scale = min(1.0, _SIDE / min(height, width))
    view = LumaViewer(colorimetry_of(video), video.orientation, (round(height * scale), round(width * scale)))
    placed: Placed = {}
    notes = []
    for reference in references:
        photo = reference.read()
        matched = 0
        wanted = set(shots)
        if reference.time is not None:
            frame = find_frame(reference.time, video, scan)
            chosen = [(int(np.searchsorted(scan.cuts, frame, side="right")), frame)]
        else:
            chosen = [(shot, frame) for shot in shots for frame in _spread_frames(*scan.shots[shot])]
        found_in = set()
        for shot, number in chosen:
            if shot not in wanted:
                continue
            page = make_page(view(next(frames_from(video, scan, number)).luma))
            found = tuple(
                FrameHint(
                    frame=number - scan.shots[shot][0],
                    x=hint.x / page.width,
                    y=hint.y / page.height,
                    ab=hint.ab,
                    trust=Trust.REFERENCE,
                )
                for hint in match_reference(predictor, page, photo)
            )
            matched += len(found)
            if found:
                found_in.add(shot)
                placed[shot] = (*placed.get(shot, ()), *found)
        notes.append(f"{reference.photo.name}: {matched} matches in {len(found_in)} of {len(wanted)} shots")
    return placed, notes


def _spread_frames(first: int, stop: int) -> list[int]:
    """Returns frames in the middle of equal parts of a shot."""
    parts = -(-(stop - first) // LONGEST)
    return [first + (stop - first) * (2 * part + 1) // (2 * parts) for part in range(parts)]


def __getattr__(name: str) -> object:
    return find_attribute(__name__, name)
