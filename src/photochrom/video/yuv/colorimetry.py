"""How a film's numbers relate to light: matrix, primaries and range, as ITU-T H.273 numbers them.

Code values are read as sRGB's, as every player shows SDR film on an ordinary screen.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import LINEAR_FROM_XYZ, WHITE, lightness_from_luminance, srgb_to_linear
from photochrom.errors import UnsupportedFilmError
from photochrom.video.media.probe import Video

__all__ = ["Colorimetry", "choose_matrix", "colorimetry_of"]

#: luma weights of red and blue, by matrix number
_WEIGHTS = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
}
#: x and y of red, green, blue and white, by primaries number; BT.709 is the sRGB of photochrom.color.conversion
_PRIMARIES = {
    4: ((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), (0.310, 0.316)),
    5: ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), (0.3127, 0.3290)),
    6: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), (0.3127, 0.3290)),
    7: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), (0.3127, 0.3290)),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), (0.3127, 0.3290)),
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.3127, 0.3290)),
}
_UNKNOWN = (0, 2, 3)
BT601, BT709 = 6, 1
#: rows from which a film that does not say is taken as high definition
_HIGH_DEFINITION = 720


@dataclass(frozen=True)
class Colorimetry:
    """What luma and chroma codes mean.

    Attributes:
        matrix: number of the YCbCr matrix.
        primaries: number of the primaries.
        full_range: luma and chroma use every code.
        depth: bits of a code.
    """

    matrix: int
    primaries: int
    full_range: bool
    depth: int

    @property
    def weights(self) -> tuple[float, float, float]:
        """Returns the luma weights of red, green and blue."""
        red, blue = _WEIGHTS[self.matrix]
        return red, 1.0 - red - blue, blue

    @property
    def black(self) -> float:
        """Returns the luma code of black."""
        return 0.0 if self.full_range else float(16 << self.depth - 8)

    @property
    def luma_span(self) -> float:
        """Returns the luma codes from black to white."""
        return float((1 << self.depth) - 1) if self.full_range else float(219 << self.depth - 8)

    @property
    def neutral(self) -> float:
        """Returns the chroma code of gray."""
        return float(1 << self.depth - 1)

    @property
    def chroma_span(self) -> float:
        """Returns the chroma codes from -0.5 to 0.5."""
        return float((1 << self.depth) - 1) if self.full_range else float(224 << self.depth - 8)

    def lightness(self) -> NDArray[np.float32]:
        """Returns L* 0..100 of the 256 luma codes of 8 bits, float32; deeper codes are rounded to these."""
        eight = Colorimetry(self.matrix, self.primaries, self.full_range, 8)
        gray = np.clip((np.arange(256) - eight.black) / eight.luma_span, 0.0, 1.0)
        lightness: NDArray[np.float32] = lightness_from_luminance(srgb_to_linear(gray)).astype(np.float32)
        return lightness

    def linear_from_relative_xyz(self) -> NDArray[np.float64]:
        """Returns (3,3): from X, Y and Z, each as a part of white's, to linear RGB of these primaries."""
        return _linear_from_relative_xyz(self.primaries)


@cache
def _linear_from_relative_xyz(primaries: int) -> NDArray[np.float64]:
    if primaries not in _PRIMARIES:
        return np.asarray(np.array(LINEAR_FROM_XYZ) * np.array(WHITE))
    corners = np.array([[x / y, 1.0, (1.0 - x - y) / y] for x, y in _PRIMARIES[primaries]])
    white = corners[3]
    columns = corners[:3].T
    xyz_from_linear = columns * np.linalg.solve(columns, white)
    return np.asarray(np.linalg.inv(xyz_from_linear) * white)


def choose_matrix(matrix: int, height: int) -> int | None:
    """Returns the number of the matrix a film is read with; None where it is not one of the usual ones.

    Args:
        matrix: the number the film says; 0, 2 or 3 where it does not.
        height: of its pictures, which decides then.
    """
    if matrix in _UNKNOWN:
        return BT709 if height >= _HIGH_DEFINITION else BT601
    return matrix if matrix in _WEIGHTS else None


def colorimetry_of(video: Video) -> Colorimetry:
    """Returns what a film's codes mean, taken as players take it: without a word, BT.709 from 720 lines, else BT.601.

    Raises:
        UnsupportedFilmError: its matrix is not one of the usual ones.
    """
    matrix = choose_matrix(0 if video.layout.kind == "rgb" else video.matrix, video.height)
    if matrix is None:
        raise UnsupportedFilmError("video.matrix_unsupported", path=video.path, matrix=video.matrix)
    full = video.full_range and video.layout.kind != "rgb"
    return Colorimetry(matrix, video.primaries, full, video.layout.depth)
