"""All that colouring the rest of a shot needs of what came before."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photochrom.video.temporal.background import Background
from photochrom.video.temporal.color_accumulator import ColorAccumulator
from photochrom.video.temporal.tone import SAME, Tone

__all__ = ["ShotState"]

Plane = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ShotState:
    """All that colouring the rest of a shot needs of what came before.

    Attributes:
        frame: number, within the shot, of the next frame.
        predicted: number of the last frame the network predicted.
        light: (h,w) float32, L* of the frame before, on the grid of the network's output.
        colors: what the past says about that frame.
        seen: (h,w) float32 0..1, the part of it that the last prediction covered.
        places: (n,3) float32, where the hints are on it.
        exposure: of it, against the shot (:mod:`photochrom.video.temporal.exposure`).
        dazzled: frames since it that were washed out, and skipped.
        unsettled: frames for which another picture is still coming, in a dissolve.
        background: what rests with the camera, hidden or not.
        shown: (2,h,w) float32, a*b* that the frame before was given; None where it was not settled yet.
    """

    frame: int
    predicted: int
    light: Plane
    colors: ColorAccumulator
    seen: Plane
    places: Plane
    background: Background
    exposure: Tone = SAME
    dazzled: int = 0
    unsettled: int = 0
    shown: Plane | None = None

    @property
    def level_light(self) -> Plane:
        """Returns ``light`` at the exposure of the shot."""
        return self.exposure.level(self.light)

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Returns it as arrays, for ``numpy.savez``."""
        planes = {"light": self.light, "seen": self.seen, "places": self.places}
        behind = self.background
        colors = {"colors": self.colors.sums, "background": behind.colors.sums, "doubt": behind.doubt}
        numbers = np.array([self.frame, self.predicted, self.dazzled, self.unsettled])
        shown = {} if self.shown is None else {"shown": self.shown}
        return {"numbers": numbers, "exposure": np.array(self.exposure), **planes, **colors, **shown}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "ShotState":
        """Returns what :meth:`to_arrays` was called on; the arrays may be those of an ``.npz`` file."""
        frame, predicted, dazzled, unsettled = (int(number) for number in arrays["numbers"])
        light, colors, seen, places, behind, doubt = (
            arrays[name].astype(np.float32) for name in ("light", "colors", "seen", "places", "background", "doubt")
        )
        exposure = Tone(*(float(part) for part in np.asarray(arrays["exposure"], np.float64)))
        gathered, background = ColorAccumulator(colors), Background(ColorAccumulator(behind), doubt)
        shown = arrays["shown"].astype(np.float32) if "shown" in arrays else None
        return cls(frame, predicted, light, gathered, seen, places, background, exposure, dazzled, unsettled, shown)
