"""All that a person gives to steer one film: hints and references, placed at the frames of its shots."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from photochrom.inference.session import OnnxSession
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
    """

    hints: Sequence[VideoHint] = ()
    references: Sequence[VideoReference] = ()

    def identity(self) -> dict[str, Any]:
        """Returns what must be the same for a run to be resumed, as plain JSON.

        Raises:
            OptionError: a reference cannot be read.
        """
        return {
            "hints": [asdict(hint) for hint in self.hints],
            "references": [[reference.fingerprint(), reference.time] for reference in self.references],
        }

    def place(
        self, video: Video, scan: Scan, shots: Sequence[int], open_session: Callable[[], OnnxSession]
    ) -> tuple[dict[int, tuple[FrameHint, ...]], list[str]]:
        """Returns the hints of each shot that is coloured, held through it, and a sentence about each reference.

        Raises:
            InputError: a hint lies outside the picture or the film, or a reference cannot be used.
        """
        placed: dict[int, tuple[FrameHint, ...]] = {}
        notes: list[str] = []
        if self.references:
            placed, notes = match_references(self.references, video, scan, shots, open_session())
        for shot, given in place_hints(self.hints, video, scan).items():
            # where two meet the later one wins, and a person's own word should
            placed[shot] = (*placed.get(shot, ()), *given)
        return hold_hints({shot: placed[shot] for shot in shots if shot in placed}, video, scan), notes
