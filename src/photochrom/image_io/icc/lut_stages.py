"""The steps of an ICC colour table: curves, matrices, and the way between the nodes of a grid. All values are 0..1."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Stage", "apply_curves", "apply_matrix", "interpolate_curve", "interpolate_grid"]

Float = NDArray[np.float32]
Stage = Callable[[Float], Float]


def interpolate_curve(levels: Float, values: Float) -> Float:
    """Interpolates a curve given by its levels at equal steps, two at least."""
    place = values * np.float32(len(levels) - 1)
    cell = np.minimum(place.astype(np.intp), len(levels) - 2)
    low = levels.take(cell)
    out: Float = low + (place - cell) * (levels.take(cell + 1) - low)
    return out


def apply_curves(curves: Sequence[Stage], planes: Float) -> Float:
    """Applies a curve to each of the planes (n,k)."""
    out = np.empty_like(planes)
    # a damaged profile may have powers beyond all numbers
    with np.errstate(all="ignore"):
        for number, curve in enumerate(curves):
            out[number] = curve(planes[number])
    return np.clip(np.nan_to_num(out, copy=False), 0, 1, out=out)


def apply_matrix(matrix: Float, offset: Float, planes: Float) -> Float:
    """Applies a matrix (3,3) and an offset (3,) to planes (3,k)."""
    result: Float = np.clip(np.tensordot(matrix, planes, axes=1) + offset[:, None], 0, 1)
    return result


def interpolate_grid(nodes: Float, steps: tuple[int, ...], planes: Float) -> Float:
    """Interpolates nodes (m,product of steps), the first input's steps the longest, at planes (n,k): (m,k)."""
    strides = [math.prod(steps[number + 1 :]) for number in range(len(steps))]
    base = np.zeros(planes.shape[1], np.intp)
    parts = []
    for plane, count, stride in zip(planes, steps, strides, strict=True):
        place = plane * np.float32(count - 1)
        cell = np.minimum(place.astype(np.intp), count - 2)
        parts.append(place - cell)
        cell *= stride
        base += cell
    corners = _tetrahedron(parts[-3:], strides[-3:]) if len(steps) > 2 else [(0, np.float32(1))]
    straight = len(steps) - 3 if len(steps) > 2 else len(steps)
    for part, stride in zip(parts[:straight], strides[:straight], strict=True):
        beyond = [(at + stride, weight * part) for at, weight in corners]
        corners = [(at, weight * (1 - part)) for at, weight in corners] + beyond
    out = np.zeros((len(nodes), planes.shape[1]), np.float32)
    for at, weight in corners:
        place = base + at
        for number, values in enumerate(nodes):
            out[number] += weight * values.take(place)
    return out


def _tetrahedron(parts: list[Any], strides: list[int]) -> list[tuple[Any, Any]]:
    """Returns offsets and weights of the four nodes around a place in a cube, up the largest part first."""
    x, y, z = parts
    high, low = np.maximum(np.maximum(x, y), z), np.minimum(np.minimum(x, y), z)
    middle = x + y + z - high - low
    first = np.where((x >= y) & (x >= z), strides[0], np.where(y >= z, strides[1], strides[2]))
    last = np.where((z <= x) & (z <= y), strides[2], np.where(y <= x, strides[1], strides[0]))
    far = sum(strides)
    return [(0, 1 - high), (first, high - middle), (far - last, middle - low), (far, low)]
