"""Colour tables of ICC profiles (ICC.1:2022: lut8Type, lut16Type, lutAToBType) brought to sRGB at full precision.

LittleCMS as Pillow offers it converts 8 bits only; this is for deeper pixels. What is asked is the same: relative
colorimetric, with black point compensation as LittleCMS does it (Adobe's document of 2006), tetrahedra between the
nodes of the last three inputs, straight lines along a fourth.
"""

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.picture.curves import parametric

__all__ = ["SRGB_D50", "Table", "lab_to_linear", "read_table"]

Float = NDArray[np.float32]
Stage = Callable[[Float], Float]

#: sRGB primaries in the D50 connection space, as every sRGB ICC profile has them (columns R, G, B; rows X, Y, Z)
SRGB_D50 = np.array(
    [[0.43606567, 0.38514709, 0.14306641], [0.22248840, 0.71687317, 0.06060791], [0.01391602, 0.09707642, 0.71409607]]
)
D50 = np.array([0.9642, 1.0, 0.8249])
#: the black of the perceptual intent of version 4 (ICC.1:2022, 6.3.4.4)
_PERCEPTUAL_BLACK = np.array([0.00336, 0.0034731, 0.00287])
#: connection space values reach from 0 to this
_XYZ_TOP = 1 + 32767 / 32768
#: more is no profile but an attack (33 steps for four inks are 3.6 million numbers)
_MAX_NUMBERS = 1 << 24
#: pixels worked on at a time, so that what arises on the way stays in the processor's cache
_STRIP = 1 << 16


@dataclass(frozen=True, eq=False)
class _Pipeline:
    """A table's stages, planes (n,k) of 0..1 to planes (m,k) of 0..1, and whether Lab is coded as in version 2."""

    stages: tuple[Stage, ...]
    inputs: int
    old_lab: bool

    def __call__(self, planes: Float) -> Float:
        for stage in self.stages:
            planes = stage(planes)
        return planes


@dataclass(frozen=True, eq=False)
class Table:
    """The table of a profile that leads from its colours to the connection space.

    Attributes:
        inputs: channels, 1 (gray), 3 (RGB) or 4 (CMYK).
        black: XYZ (D50) of the darkest colour, which becomes the black of sRGB.
    """

    inputs: int
    black: NDArray[np.float64]
    _pipeline: _Pipeline
    _in_lab: bool

    def linear(self, pixels: NDArray[Any]) -> Float:
        """Linear sRGB (D65) planes (3,h,w) float32, clipped to 0..1, of pixels (h,w,inputs), any dtype (floats 0..1)."""
        height, width = pixels.shape[:2]
        flat = pixels.reshape(height * width, self.inputs)
        out = np.empty((3, height * width), np.float32)
        for start in range(0, len(flat), _STRIP):
            part = _fractions(flat[start : start + _STRIP].T)
            out[:, start : start + _STRIP] = _to_linear(_connected(self._pipeline(part), self), self.black)
        return out.reshape(3, height, width)


def _fractions(values: NDArray[Any]) -> Float:
    if values.dtype.kind == "u":
        return values * np.float32(1 / np.iinfo(values.dtype).max)
    return np.clip(np.nan_to_num(values.astype(np.float32)), 0, 1)


def _connected(planes: Float, table: Table) -> Float:
    return _xyz(planes, in_lab=table._in_lab, old_lab=table._pipeline.old_lab)


def _xyz(planes: Float, *, in_lab: bool, old_lab: bool) -> Float:
    """XYZ (D50, white 1) of coded connection space values."""
    if not in_lab:
        return planes * np.float32(_XYZ_TOP)
    # version 2 ends lightness at FF00 and steps a*, b* by 1/256
    scale = np.float32(65535 / 65280 if old_lab else 1)
    return lab_to_xyz(planes[0] * (100 * scale), planes[1] * (255 * scale) - 128, planes[2] * (255 * scale) - 128)


def lab_to_xyz(lightness: NDArray[Any], a: NDArray[Any], b: NDArray[Any]) -> Float:
    """XYZ (3,...) under D50 of L* 0..100, a*, b*."""
    y = (lightness + np.float32(16)) * np.float32(1 / 116)
    out = np.empty((3, *y.shape), np.float32)
    for number, f in enumerate((y + a * np.float32(1 / 500), y, y - b * np.float32(1 / 200))):
        light = np.where(f > 6 / 29, f * f * f, (f - np.float32(4 / 29)) * np.float32(108 / 841))
        out[number] = light * np.float32(D50[number])
    return out


def _to_linear(xyz: Float, black: NDArray[np.float64]) -> Float:
    """Linear sRGB planes of XYZ (D50) whose black is at ``black``; white stays."""
    scale = D50 / (D50 - black)
    to_rgb = np.linalg.inv(SRGB_D50)
    matrix, offset = (to_rgb * scale).astype(np.float32), (to_rgb @ (-black * scale)).astype(np.float32)
    return np.clip(np.tensordot(matrix, xyz, axes=1) + offset.reshape(3, *[1] * (xyz.ndim - 1)), 0, 1)


def lab_to_linear(lightness: NDArray[Any], a: NDArray[Any], b: NDArray[Any]) -> Float:
    """Linear sRGB (D65) planes (3,...) float32, clipped to 0..1, of L* 0..100, a*, b* under D50."""
    return _to_linear(lab_to_xyz(lightness, a, b), np.zeros(3))


def read_table(icc: bytes, tags: Mapping[bytes, bytes]) -> Table:
    """The table for the relative colorimetric intent; the perceptual one where there is none, as in LittleCMS.

    Raises:
        ValueError: damaged, or of a kind that ICC.1 does not have (struct.error, IndexError, KeyError likewise).
    """
    inputs, in_lab = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}[icc[16:20]], icc[20:24] == b"Lab "
    pipeline = _pipeline(tags[b"A2B1" if b"A2B1" in tags else b"A2B0"], inputs, 3)
    measured = pipeline(_darkest(icc, tags, inputs))
    black = np.zeros(3)
    if b"A2B1" in tags or {b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"} <= tags.keys():
        y = float(_xyz(measured, in_lab=in_lab, old_lab=pipeline.old_lab)[1, 0])
        # a black lighter than L* 50 is not believed; its colour is left alone
        black = D50 * min(max(y, 0.0), ((50 + 16) / 116) ** 3)
    if not np.all(np.isfinite(black)):
        raise ValueError("a table without numbers")
    return Table(inputs, black, pipeline, in_lab)


def _darkest(icc: bytes, tags: Mapping[bytes, bytes], inputs: int) -> Float:
    """The darkest colour (inputs,1): no light, all inks, or for a printer the inks it prints black with."""
    if inputs == 4 and icc[12:16] == b"prtr" and b"A2B0" in tags and b"B2A0" in tags:
        back = _pipeline(tags[b"B2A0"], 3, inputs)
        lightness = 903.3 * _PERCEPTUAL_BLACK[1] if icc[8] >= 4 else 0.0
        coded = np.array([[lightness / 100], [128 / 255], [128 / 255]], np.float32)
        if icc[20:24] == b"Lab ":
            return back(coded * np.float32(65280 / 65535) if back.old_lab else coded)
        return back((D50 * lightness / 903.3 / _XYZ_TOP).astype(np.float32)[:, None])
    return np.full((inputs, 1), float(inputs == 4), np.float32)


def _pipeline(tag: bytes, inputs: int, outputs: int) -> _Pipeline:
    kind = tag[:4]
    if tuple(tag[8:10]) != (inputs, outputs):
        raise ValueError("a table with other channels than its profile")
    if kind in (b"mft1", b"mft2"):
        return _fixed(tag, inputs, outputs, wide=kind == b"mft2")
    if kind == b"mAB " and outputs == 3:
        names = "acmxb"
    elif kind == b"mBA " and inputs == 3:
        names = "bxmca"
    else:
        raise ValueError("an unknown table")
    return _Pipeline(tuple(_elements(tag, names, inputs, outputs)), inputs, old_lab=False)


def _fixed(tag: bytes, inputs: int, outputs: int, *, wide: bool) -> _Pipeline:
    """lut8Type and lut16Type: curves, nodes, curves."""
    matrix = struct.unpack(">9i", tag[12:48])
    if matrix != (65536, 0, 0, 0, 65536, 0, 0, 0, 65536) and inputs == 3:
        raise ValueError("a matrix where ICC.1 has none")
    first, last = struct.unpack(">HH", tag[48:52]) if wide else (256, 256)
    kind, at = (">u2", 52) if wide else (">u1", 48)
    before, at = _numbers(tag, at, kind, inputs * first)
    nodes, at = _numbers(tag, at, kind, tag[10] ** inputs * outputs)
    after, at = _numbers(tag, at, kind, outputs * last)
    if min(first, last, tag[10]) < 2:
        raise ValueError("a table of one node")
    curves = [partial(_interpolated, values) for values in before.reshape(inputs, first)]
    ends = [partial(_interpolated, values) for values in after.reshape(outputs, last)]
    grid = partial(_between_nodes, _planes(nodes, outputs), (tag[10],) * inputs)
    return _Pipeline((partial(_curved, curves), grid, partial(_curved, ends)), inputs, old_lab=wide)


def _elements(tag: bytes, names: str, inputs: int, outputs: int) -> list[Stage]:
    """The elements of lutAToBType and lutBToAType that are there: B curves, matrix, M curves, nodes, A curves."""
    offsets = dict(zip("bxmca", struct.unpack(">5I", tag[12:32]), strict=True))
    if not offsets["b"] or (inputs != outputs and not offsets["c"]):
        raise ValueError("a table without its parts")
    stages: list[Stage] = []
    channels = inputs
    for name in names:
        at = offsets[name]
        if not at:
            continue
        if name == "c":
            steps, width = tuple(tag[at : at + inputs]), tag[at + 16]
            if min(steps) < 2 or width not in (1, 2):
                raise ValueError("a table of one node")
            nodes, _ = _numbers(tag, at + 20, f">u{width}", math.prod(steps) * outputs)
            stages.append(partial(_between_nodes, _planes(nodes, outputs), steps))
            channels = outputs
        elif name == "x":
            values = np.array(struct.unpack(">12i", tag[at : at + 48])) / 65536
            stages.append(partial(_turned, values[:9].reshape(3, 3).astype(np.float32), values[9:].astype(np.float32)))
        else:
            stages.append(partial(_curved, _curves(tag, at, channels)))
    return stages


def _numbers(tag: bytes, at: int, kind: str, count: int) -> tuple[Float, int]:
    size = count * int(kind[2])
    # looked at before anything of that size is made
    if count > _MAX_NUMBERS or at + size > len(tag):
        raise ValueError("a table is cut")
    values = np.frombuffer(tag, kind, count, at)
    return values.astype(np.float32) * np.float32(1 / (256 ** int(kind[2]) - 1)), at + size


def _planes(nodes: Float, outputs: int) -> Float:
    return np.ascontiguousarray(nodes.reshape(-1, outputs).T)


def _curves(tag: bytes, at: int, count: int) -> list[Stage]:
    curves: list[Stage] = []
    for _ in range(count):
        kind = tag[at : at + 4]
        if kind == b"curv":
            (length,) = struct.unpack(">I", tag[at + 8 : at + 12])
            values, end = _numbers(tag, at + 12, ">u2", length)
            if length == 1:
                gamma = float(values[0]) * 65535 / 256
                curves.append(partial(_powered, gamma))
            else:
                curves.append(partial(_interpolated, values if length else np.array([0, 1], np.float32)))
        elif kind == b"para":
            end = at + 12 + 4 * (1, 3, 4, 5, 7)[int.from_bytes(tag[at + 8 : at + 10], "big")]
            curves.append(parametric(tag[at:end]))
        else:
            raise ValueError("an unknown tone curve")
        at = end + -end % 4
    return curves


def _powered(gamma: float, values: Float) -> Float:
    return values**gamma


def _interpolated(levels: Float, values: Float) -> Float:
    place = values * np.float32(len(levels) - 1)
    cell = np.minimum(place.astype(np.intp), len(levels) - 2)
    low = levels.take(cell)
    return low + (place - cell) * (levels.take(cell + 1) - low)


def _curved(curves: list[Stage], planes: Float) -> Float:
    out = np.empty_like(planes)
    for number, curve in enumerate(curves):
        out[number] = curve(planes[number])
    return np.clip(np.nan_to_num(out, copy=False), 0, 1, out=out)


def _turned(matrix: Float, offset: Float, planes: Float) -> Float:
    return np.clip(np.tensordot(matrix, planes, axes=1) + offset[:, None], 0, 1)


def _between_nodes(nodes: Float, steps: tuple[int, ...], planes: Float) -> Float:
    """Values (m,k) between the nodes (m,product of steps), the first input's steps the longest, at planes (n,k)."""
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
    for part, stride in zip(parts[: len(steps) - 3] if len(steps) > 2 else parts, strides, strict=False):
        corners = [(at, weight * (1 - part)) for at, weight in corners] + [
            (at + stride, weight * part) for at, weight in corners
        ]
    out = np.zeros((len(nodes), planes.shape[1]), np.float32)
    for at, weight in corners:
        place = base + at
        for number, values in enumerate(nodes):
            out[number] += weight * values.take(place)
    return out


def _tetrahedron(parts: list[Any], strides: list[int]) -> list[tuple[Any, Any]]:
    """Offsets and weights of the four nodes around a place in a cube: up the largest part first, the smallest last."""
    x, y, z = parts
    high, low = np.maximum(np.maximum(x, y), z), np.minimum(np.minimum(x, y), z)
    middle = x + y + z - high - low
    first = np.where((x >= y) & (x >= z), strides[0], np.where(y >= z, strides[1], strides[2]))
    last = np.where((z <= x) & (z <= y), strides[2], np.where(y <= x, strides[1], strides[0]))
    far = sum(strides)
    return [(0, 1 - high), (first, high - middle), (far - last, middle - low), (far, low)]
