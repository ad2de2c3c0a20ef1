"""A hint on one frame of a shot."""

from dataclasses import dataclass

from photochrom.errors import OptionError
from photochrom.inference.guidance import PlacedHint, Trust

__all__ = ["FrameHint"]


@dataclass(frozen=True, kw_only=True)
class FrameHint:
    """A colour at a place of one frame of a shot, held from there on along the motion.

    Attributes:
        frame: its number within the shot.
        x: 0..1 of the frame's width, from the left.
        y: 0..1 of its height, from the top.
        ab: a* and b*, Lab units.
        radius: of the spot that has this colour, 0..1 of the frame's width; 0 for the point alone.
        trust: how far it is believed; colours go only part of the way to a match with another photo.

    Raises:
        OptionError: a value is out of range.
    """

    frame: int
    x: float
    y: float
    ab: tuple[float, float]
    radius: float = 0.0
    trust: Trust = Trust.USER

    def __post_init__(self) -> None:
        if self.frame < 0:
            raise OptionError("video.frame_hint_frame_negative", frame=self.frame)
        for name in ("x", "y", "radius"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise OptionError("video.frame_hint_out_of_range", name=name, value=value)

    def on(self, extent: tuple[float, float]) -> PlacedHint:
        """Returns the hint on a view of this height and width."""
        height, width = extent
        return PlacedHint(self.x * width, self.y * height, self.ab, self.radius * width, self.trust)
