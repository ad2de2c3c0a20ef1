"""sRGB and CIELAB (D65) on planes, gamut mapping, and the a*b* bins; one text for numpy arrays and torch tensors.

Arrays are planes: colour runs along axis -3, as (..., 3, height, width). sRGB is gamma-encoded and nominally 0..1,
"linear" is light, L* is 0..100, a* and b* are about -110..110. Nothing is clipped: colours outside the gamut map to
values outside 0..1 and back, and every gradient is finite, at black and out of gamut too.

Sources: IEC 61966-2-1 (sRGB), CIE 15 (CIELAB); matrix, white point and thresholds as scikit-image and kornia have them,
which serve as the oracles in the tests.
"""

from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BIN_STEP",
    "ab_bins",
    "fit_gamut",
    "gamut_scale",
    "lab_to_linear",
    "lab_to_srgb",
    "lightness_from_luminance",
    "linear_to_lab",
    "linear_to_srgb",
    "luminance",
    "srgb_to_lab",
    "srgb_to_linear",
]

#: a numpy array or a torch tensor of floating point numbers
Array = TypeVar("Array")

XYZ_FROM_LINEAR = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))
LINEAR_FROM_XYZ = tuple(tuple(float(v) for v in row) for row in np.linalg.inv(np.array(XYZ_FROM_LINEAR)))
#: the D65 white of the 2 degree observer
WHITE = (0.95047, 1.0, 1.08883)

#: CIELAB is linear below this (relative XYZ, and the same place after the cube root)
LAB_KNEE, LAB_KNEE_ROOT, LAB_SLOPE, LAB_OFFSET = 0.008856, 0.2068966, 7.787, 16.0 / 116.0

#: distance between bin centres, a*b* units
BIN_STEP = 10


def array_namespace(array: Any) -> Any:
    """Returns the library an array is of, under the names of the Python array API standard."""
    if isinstance(array, np.ndarray | np.generic):
        return np
    # only those who have torch come here; the import costs more than colouring a small photo
    import array_api_compat

    return array_api_compat.array_namespace(array)


def srgb_to_linear(srgb: Array) -> Array:
    """Undoes the sRGB transfer curve, element by element."""
    v: Any = srgb
    xp = array_namespace(v)
    # both branches of where() are differentiated: clipping keeps the one not taken finite
    curved = ((xp.clip(v, 0.04045, None) + 0.055) / 1.055) ** 2.4
    return xp.where(v > 0.04045, curved, v / 12.92)  # type: ignore[no-any-return]


def linear_to_srgb(linear: Array) -> Array:
    """Applies the sRGB transfer curve, element by element; negative light stays on the straight part."""
    v: Any = linear
    xp = array_namespace(v)
    curved = 1.055 * xp.clip(v, 0.0031308, None) ** (1 / 2.4) - 0.055
    return xp.where(v > 0.0031308, curved, v * 12.92)  # type: ignore[no-any-return]


def _root(v: Any) -> Any:
    xp = array_namespace(v)
    return xp.where(v > LAB_KNEE, xp.clip(v, LAB_KNEE, None) ** (1 / 3), LAB_SLOPE * v + LAB_OFFSET)


def _cube(v: Any) -> Any:
    xp = array_namespace(v)
    return xp.where(v > LAB_KNEE_ROOT, v * v * v, (v - LAB_OFFSET) / LAB_SLOPE)


def _mix(rows: tuple[tuple[float, ...], ...], planes: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    first, second, third = planes
    x, y, z = (row[0] * first + row[1] * second + row[2] * third for row in rows)
    return x, y, z


def _planes(array: Any) -> tuple[Any, Any, Any]:
    if array.ndim < 3 or array.shape[-3] != 3:
        raise ValueError(
            f"colour planes must have shape (..., 3, H, W), not {tuple(array.shape)}: move colour to axis -3"
        )
    return array[..., 0, :, :], array[..., 1, :, :], array[..., 2, :, :]


def luminance(linear: Array) -> Array:
    """Returns relative luminance Y (..., H, W) of linear RGB (..., 3, H, W)."""
    red, green, blue = _planes(linear)
    weights = XYZ_FROM_LINEAR[1]
    return weights[0] * red + weights[1] * green + weights[2] * blue  # type: ignore[no-any-return]


def lightness_from_luminance(y: Array) -> Array:
    """Returns L* 0..100 of relative luminance 0..1, element by element."""
    return 116.0 * _root(y) - 16.0  # type: ignore[no-any-return]


def linear_to_lab(linear: Array) -> Array:
    """Converts linear RGB (..., 3, H, W) to CIELAB of the same shape."""
    xp = array_namespace(linear)
    x, y, z = (_root(v / w) for v, w in zip(_mix(XYZ_FROM_LINEAR, _planes(linear)), WHITE, strict=True))
    return xp.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], axis=-3)  # type: ignore[no-any-return]


def lab_to_linear(lab: Array) -> Array:
    """Converts CIELAB (..., 3, H, W) to linear RGB, outside 0..1 where sRGB does not reach."""
    xp = array_namespace(lab)
    lightness, a, b = _planes(lab)
    y = (lightness + 16.0) / 116.0
    x, z = y + a / 500.0, y - b / 200.0
    xyz = (_cube(x) * WHITE[0], _cube(y) * WHITE[1], _cube(z) * WHITE[2])
    return xp.stack(list(_mix(LINEAR_FROM_XYZ, xyz)), axis=-3)  # type: ignore[no-any-return]


def srgb_to_lab(srgb: Array) -> Array:
    """Converts sRGB (..., 3, H, W), 0..1, to CIELAB: L* 0..100, a* and b* in Lab units.

    >>> import numpy as np
    >>> srgb_to_lab(np.array([1.0, 0.0, 0.0]).reshape(3, 1, 1)).ravel().round(2)
    array([53.24, 80.09, 67.2 ])
    """
    return linear_to_lab(srgb_to_linear(srgb))


def lab_to_srgb(lab: Array) -> Array:
    """Converts CIELAB (..., 3, H, W) to sRGB; colours outside the gamut leave 0..1 (see :func:`fit_gamut`)."""
    return linear_to_srgb(lab_to_linear(lab))


def gamut_scale(lab: Array, *, steps: int = 16) -> Array:
    """Returns the largest factor 0..1 on a*, b* that keeps each colour inside sRGB.

    Lightness and hue stay as they are; the gray of any L* in 0..100 is always inside, so an answer exists.

    Args:
        lab: (..., 3, H, W).
        steps: halvings of the interval; the factor is exact to 2**-steps, from below.

    Returns:
        (..., H, W), 1 where the colour is inside already.
    """
    xp = array_namespace(lab)
    lightness, a, b = _planes(lab)
    y = (lightness + 16.0) / 116.0
    brightness = _cube(y) * WHITE[1]

    def fits(a: Any, b: Any) -> Any:
        xyz = (_cube(y + a / 500.0) * WHITE[0], brightness, _cube(y - b / 200.0) * WHITE[2])
        inside = None
        for plane in _mix(LINEAR_FROM_XYZ, xyz):
            # the tolerance takes in the grays themselves, which the rounded matrix puts a hair off the axis
            these = (plane >= -1e-4) & (plane <= 1.0 + 1e-4)
            inside = these if inside is None else inside & these
        return inside

    low, high = xp.zeros_like(lightness), xp.ones_like(lightness)
    inside = fits(a, b)
    for _ in range(steps):
        middle = (low + high) / 2
        fit = fits(a * middle, b * middle)
        low, high = xp.where(fit, middle, low), xp.where(fit, high, middle)
    return xp.where(inside, xp.ones_like(low), low)  # type: ignore[no-any-return]


def fit_gamut(lab: Array) -> Array:
    """Brings colours into sRGB by lowering chroma at constant lightness and hue (never by clipping RGB).

    Args:
        lab: (..., 3, H, W), L* 0..100.

    Returns:
        The same shape; colours inside the gamut come back as they are.
    """
    xp = array_namespace(lab)
    lightness, a, b = _planes(lab)
    scale = gamut_scale(lab)
    return xp.stack([lightness, a * scale, b * scale], axis=-3)  # type: ignore[no-any-return]


@cache
def _bins() -> NDArray[np.float32]:
    # the gamut's outline on the a*b* plane is that of the cube's surface; a dense walk over it and the inside meets
    # every cell the gamut meets
    axis = np.linspace(0.0, 1.0, 129)
    cells: set[tuple[int, int]] = set()
    for red in axis:
        rgb = np.stack([np.full((129, 129), red), *np.meshgrid(axis, axis, indexing="ij")])
        nearest = np.rint(srgb_to_lab(rgb)[1:] / BIN_STEP).astype(int).reshape(2, -1)
        cells.update(zip(*nearest.tolist(), strict=True))
    return np.array(sorted(cells), dtype=np.float32) * BIN_STEP


@cache
def _nearest_bins(count: int) -> NDArray[np.float32]:
    inside = _bins()
    side = np.arange(-2 * 110, 2 * 110 + 1, BIN_STEP, dtype=np.float32)
    grid = np.stack(np.meshgrid(side, side, indexing="ij"), -1).reshape(-1, 2)
    distance = np.square(grid[:, None] - inside[None]).sum(-1)
    # of cells equally near to the bins, those whose neighbours are bins on more sides come first
    order = np.lexsort((-(distance <= 2 * BIN_STEP**2).sum(1), distance.min(1)))
    chosen = grid[order[:count]]
    return chosen[np.lexsort(chosen.T[::-1])]


def ab_bins(count: int | None = None) -> NDArray[np.float32]:
    """Returns the colour bins: centres of the 10-unit cells of the a*b* plane that meet the sRGB gamut, (Q,2), sorted.

    Args:
        count: give this many cells instead, those nearest to the gamut; never fewer than meet it.
    """
    return _bins().copy() if count is None else _nearest_bins(count).copy()
