"""All that a person gives to steer one film: hints and references, placed at the frames of its shots."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from photochrom.errors import OptionError
from photochrom.inference.session import OnnxSession
from photochrom.video.guidance.colored_frames import place_colored_frames
from photochrom.video.guidance.hints import VideoHint, hold_hints, place_hints
from photochrom.video.guidance.references import VideoReference, match_references
from photochrom.video.media.probe import Video
from photochrom.video.media.scan import Scan
from photochrom.video.temporal.frame_hint import FrameHint

__all__ = ["VideoGuidance"]


@dataclass(frozen=True)
class VideoGuidance:
    """What steers one film.

    Args:
        hints: colours at places.
        references: other photos whose colours matching things take.
        frames: frames of the film that were coloured elsewhere.
    """

    hints: Sequence[VideoHint] = ()
    references: Sequence[VideoReference] = ()
    frames: Sequence[Path] = ()

    def check(self) -> None:
        """Opens every picture, so that a wrong name is told before a film is read.

        Raises:
            OptionError: one cannot be opened.
        """
        for path in (*(reference.photo for reference in self.references), *self.frames):
            try:
                path.open("rb").close()
            except OSError as error:
                raise OptionError("video.reference_unreadable", path=path, reason=error.strerror) from error

    def place(
        self, video: Video, scan: Scan, shots: Sequence[int], open_session: Callable[[], OnnxSession]
    ) -> tuple[dict[int, tuple[FrameHint, ...]], list[str]]:
        """Returns the hints of each shot, held through it, and a sentence about each reference and frame.

        Raises:
            InputError: a hint lies outside the picture or the film, or a reference or frame cannot be used.
        """
        placed: dict[int, tuple[FrameHint, ...]] = {}
        notes: list[str] = []
        if self.references:
            placed, notes = match_references(self.references, video, scan, shots, open_session())
        if self.frames:
            colored, found = place_colored_frames(self.frames, video, scan, shots)
            notes += found
            for shot, given in colored.items():
                placed[shot] = (*placed.get(shot, ()), *given)
        for shot, given in place_hints(self.hints, video, scan).items():
            # where two meet the later one wins, and a person's own word should
            placed[shot] = (*placed.get(shot, ()), *given)
        return hold_hints({shot: placed[shot] for shot in shots if shot in placed}, video, scan), notes
