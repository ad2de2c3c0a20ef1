"""Colours one gray image with a system."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photochrom.colorizer import Colorizer
from photochrom.evaluation.inputs.predictions import Predictions
from photochrom.evaluation.inputs.protocol import Pixels
from photochrom.evaluation.inputs.systems import System
from photochrom.hints import Hint

__all__ = ["ColorizedImage", "SystemColorizer"]


@dataclass(frozen=True, eq=False)
class ColorizedImage:
    """What a system answers for one photo.

    Attributes:
        pixels: (H,W,3) uint8 sRGB.
        confidence: the network's, (h,w) 0..1; None without.
        seconds: how long the colouring took; None where the image comes from a file.
    """

    pixels: Pixels
    confidence: NDArray[np.float32] | None = None
    seconds: float | None = None


class SystemColorizer:
    """Colours with one system after the other; keeps only the last network open.

    Args:
        device: as :class:`photochrom.Colorizer` has it.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._colorizer: tuple[str, Colorizer] | None = None
        self._predictions: dict[str, Predictions] = {}

    def colorize(self, system: System, gray: Pixels, truth: Pixels, photo: str) -> ColorizedImage:
        """Returns the system's colouring of a photo.

        Args:
            system: the system.
            gray: (H,W) uint8.
            truth: (H,W,3) uint8.
            photo: the photo's id.

        Raises:
            UnusablePredictionError: another program's image is missing, unreadable or of another size.
            PhotochromError: the network cannot colour it.
        """
        if system.kind == "gray":
            return ColorizedImage(np.stack([gray] * 3, axis=-1))
        if system.kind == "truth":
            return ColorizedImage(truth)
        if system.kind == "predictions":
            if system.source not in self._predictions:
                self._predictions[system.source] = Predictions(Path(system.source))
            return ColorizedImage(self._predictions[system.source].read(photo, truth.shape))
        return self.run_network(system, gray)

    def run_network(self, system: System, gray: Pixels, *, hints: list[Hint] | None = None) -> ColorizedImage:
        """Returns a network's colouring of a gray image; with a list of hints, at vividness 0 where it has one."""
        colorizer = self._open(system.source)
        vividness = 1.0 if system.vividness is None else system.vividness if hints is None else 0.0
        start = time.perf_counter()
        result = colorizer(gray, hints=hints or (), vividness=vividness)
        seconds = time.perf_counter() - start
        return ColorizedImage(np.asarray(result.picture.pages[0].pixels, np.uint8), result.confidence_map, seconds)

    def _open(self, source: str) -> Colorizer:
        if self._colorizer is None or self._colorizer[0] != source:
            # one thread: photos share the processors, and the answer is the same however many there are
            self._colorizer = source, Colorizer(source, device=self._device, threads=1)
        return self._colorizer[1]
