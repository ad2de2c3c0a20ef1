"""Colours that steer a network, whoever gave them: placed hints with their trust, and a palette."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from photochrom.hints import Hint
from photochrom.inference.hint_plane import draw_plane

__all__ = ["Guidance", "PlacedHint", "Trust"]

Planes = NDArray[np.float32]


class Trust(IntEnum):
    """How far a hint is believed; where two meet, the more trusted one holds."""

    #: drawn from the network's own distribution: the network may overrule it
    SAMPLED = 0
    #: matched with another photo, which may be wrong: the answer goes only part of the way
    REFERENCE = 1
    #: given by a person: the answer is exact there
    USER = 2


@dataclass(frozen=True)
class PlacedHint:
    """A colour at a place of one image.

    Attributes:
        x: from the left edge, in the image's own units (pixels of a page or of a frame).
        y: from its top edge.
        ab: a* and b*, Lab units.
        radius: of the spot that has this colour; 0 for the point alone.
        trust: how far it is believed.
    """

    x: float
    y: float
    ab: tuple[float, float]
    radius: float = 0.0
    trust: Trust = Trust.USER

    @classmethod
    def of(cls, hint: Hint, trust: Trust = Trust.USER) -> "PlacedHint":
        """Returns a hint as it is placed on a page."""
        return cls(hint.x, hint.y, hint.ab, hint.radius, trust)


@dataclass(frozen=True)
class Guidance:
    """All that steers one prediction.

    Attributes:
        hints: colours at places.
        palette: colours ``"#rrggbb"`` that the whole image is pulled towards.
    """

    hints: tuple[PlacedHint, ...] = ()
    palette: tuple[str, ...] = ()

    @classmethod
    def of(cls, hints: Iterable[Hint] = (), *, matches: Iterable[Hint] = (), palette: Sequence[str] = ()) -> "Guidance":
        """Returns the guidance of a person's hints, matches with a reference, and a palette."""
        placed = [PlacedHint.of(hint, Trust.REFERENCE) for hint in matches]
        placed += [PlacedHint.of(hint) for hint in hints]
        return cls(tuple(placed), tuple(palette))

    def with_samples(self, hints: Iterable[Hint]) -> "Guidance":
        """Returns this guidance with hints that were drawn from the network's own distribution."""
        return Guidance((*(PlacedHint.of(hint, Trust.SAMPLED) for hint in hints), *self.hints), self.palette)

    @property
    def is_binding(self) -> bool:
        """Whether any hint is more than a sample, so that the answer must go to it."""
        return any(hint.trust > Trust.SAMPLED for hint in self.hints)

    def draw(
        self,
        *,
        extent: tuple[float, float],
        content: tuple[int, int],
        padded: tuple[int, int],
        trust: Trust | None = None,
    ) -> Planes | None:
        """Draws the hints on a network's output grid.

        Args:
            extent: height and width of the image, in the hints' units.
            content: height and width, in cells, of the part of the grid that the image covers.
            padded: height and width of the whole grid.
            trust: draw hints of this trust alone; None for all.

        Returns:
            (3, *padded) float32: a*, b* in Lab units and the 0/1 mask; None without such a hint.

        Raises:
            OptionError: a hint lies outside the image.
        """
        chosen = sorted(
            (hint for hint in self.hints if trust is None or hint.trust == trust), key=lambda hint: hint.trust
        )
        if not chosen:
            return None
        return draw_plane(chosen, extent=extent, content=content, padded=padded)
