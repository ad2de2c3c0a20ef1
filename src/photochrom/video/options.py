"""How a film is coloured and written."""

from dataclasses import dataclass, field

import numpy as np

from photochrom.colorizer import Options
from photochrom.errors import OptionError
from photochrom.video.media.scan import Span

__all__ = ["FilmOptions"]


@dataclass(frozen=True, kw_only=True)
class FilmOptions:
    """How a film is coloured and written.

    Args:
        vividness: 0 for the mean of what the network thinks possible, 1 for the default, 2 for bold.
        strength: 0 for the film's own colours, 1 for the network's, up to 1.5 for more.
        steady: 0 for each frame by itself, 1 for colour that keeps still.
        size: short side the network sees, pixels; None for the best for films.
        span: the part that is coloured and written.
        preview: write every so many shots, small and without sound; None for the film itself.
        codec: "h264", "h265", "av1", "prores", "ffv1", "vp9" or "mpeg2"; None for the container's own.
        quality: on the codec's own scale; None for its default.
        preset: of the encoder, how much time it takes to make the file small; None for its default.

    Raises:
        OptionError: a value is out of range.
    """

    vividness: float = 1.0
    strength: float = 1.0
    steady: float = 1.0
    size: int | None = None
    span: Span = field(default_factory=Span)
    preview: int | None = None
    codec: str | None = None
    quality: int | None = None
    preset: str | None = None

    def __post_init__(self) -> None:
        # the same bounds as for photos
        Options(vividness=self.vividness, strength=self.strength, size=self.size)
        if not isinstance(self.steady, int | float | np.number) or not 0.0 <= self.steady <= 1.0:
            raise OptionError(f"steady is {self.steady!r}: give a number from 0 to 1")
        if self.preview is not None and self.preview < 1:
            raise OptionError(f"preview is {self.preview!r}: give a whole number, 1 for every shot")
