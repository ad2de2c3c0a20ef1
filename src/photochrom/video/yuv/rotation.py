"""How a film's stored pixels are turned to be seen upright."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

__all__ = ["UPRIGHT", "Orientation"]


@dataclass(frozen=True)
class Orientation:
    """One of the eight ways to lay a picture; ``transpose`` comes first, then the mirrors.

    >>> Orientation.from_matrix([0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30])
    Orientation(transpose=True, mirror_x=True, mirror_y=False)
    """

    transpose: bool = False
    mirror_x: bool = False
    mirror_y: bool = False

    @classmethod
    def from_matrix(cls, matrix: Sequence[int] | None) -> "Orientation":
        """Returns that of a display matrix (nine numbers, row by row, as ISO/IEC 14496-12 has them); None is upright.

        Angles between the quarter turns are taken as the nearest of them.
        """
        if not matrix:
            return cls()
        a, b, _, c, d, *_ = matrix
        if abs(a) + abs(d) >= abs(b) + abs(c):
            return cls(mirror_x=a < 0, mirror_y=d < 0)
        return cls(transpose=True, mirror_x=c < 0, mirror_y=b < 0)

    def upright(self, planes: NDArray[Any]) -> NDArray[Any]:
        """Returns planes (..., h, w) as stored, turned to be seen upright; a view."""
        turned = planes.swapaxes(-1, -2) if self.transpose else planes
        return self._mirror(turned)

    def stored(self, planes: NDArray[Any]) -> NDArray[Any]:
        """Returns upright planes (..., h, w) laid as the film stores them; a view."""
        turned = self._mirror(planes)
        return turned.swapaxes(-1, -2) if self.transpose else turned

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Returns height and width after turning; the same way back."""
        return (width, height) if self.transpose else (height, width)

    def _mirror(self, planes: NDArray[Any]) -> NDArray[Any]:
        return planes[..., :: -1 if self.mirror_y else 1, :: -1 if self.mirror_x else 1]


UPRIGHT = Orientation()
