"""Colour tables of ICC profiles (ICC.1:2022: lut8Type, lut16Type, lutAToBType) brought to sRGB at full precision.

LittleCMS as Pillow offers it converts 8 bits only; this is for deeper pixels, and nearer to the tables in the blacks.
What is asked is the same: relative colorimetric, with black point compensation as LittleCMS does it (Adobe's document
of 2006), tetrahedra between the nodes of the last three inputs, straight lines along a fourth.
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io.icc.curves import read_parametric_curve
from photochrom.image_io.icc.lut_stages import Stage, apply_curves, apply_matrix, interpolate_curve, interpolate_grid
from photochrom.image_io.icc.pcs import D50, lab_to_xyz, xyz_to_linear

__all__ = ["Table", "read_table"]

Float = NDArray[np.float32]

#: Y of the black of the perceptual intent of version 4 (ICC.1:2022, 6.3.4.4)
_PERCEPTUAL_BLACK = 0.0034731
#: connection space values reach from 0 to this
_XYZ_TOP = 1 + 32767 / 32768
#: a profile with more is an attack (33 steps for four inks are 3.6 million numbers)
_MAX_NUMBERS = 1 << 24
#: pixels worked on at a time, so that what arises on the way stays in the processor's cache
_STRIP = 1 << 16


@dataclass(frozen=True, eq=False)
class _Pipeline:
    """A table's stages, planes (n,k) of 0..1 to planes (m,k) of 0..1, and whether Lab is coded as in version 2."""

    stages: tuple[Stage, ...]
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
        """Returns linear sRGB (D65) planes (3,h,w) float32, clipped to 0..1, of pixels (h,w,inputs), floats 0..1."""
        height, width = pixels.shape[:2]
        flat = pixels.reshape(height * width, self.inputs)
        out = np.empty((3, height * width), np.float32)
        for start in range(0, len(flat), _STRIP):
            part = self._pipeline(_to_unit(flat[start : start + _STRIP].T))
            xyz = _xyz(part, in_lab=self._in_lab, old_lab=self._pipeline.old_lab)
            out[:, start : start + _STRIP] = xyz_to_linear(xyz, self.black)
        return out.reshape(3, height, width)


def _to_unit(values: NDArray[Any]) -> Float:
    if values.dtype.kind == "u":
        return values * np.float32(1 / np.iinfo(values.dtype).max)
    return np.clip(np.nan_to_num(values.astype(np.float32)), 0, 1)


def _xyz(planes: Float, *, in_lab: bool, old_lab: bool) -> Float:
    """Returns XYZ (D50, white 1) of coded connection space values."""
    if not in_lab:
        return planes * np.float32(_XYZ_TOP)
    # version 2 ends lightness at FF00 and steps a*, b* by 1/256
    scale = np.float32(65535 / 65280 if old_lab else 1)
    return lab_to_xyz(planes[0] * (100 * scale), planes[1] * (255 * scale) - 128, planes[2] * (255 * scale) - 128)


def read_table(icc: bytes, tags: Mapping[bytes, bytes]) -> Table:
    """Returns the table for the relative colorimetric intent; the perceptual one where there is none, as in LittleCMS.

    Raises:
        ValueError: damaged, or of a kind that ICC.1 does not have (struct.error, IndexError, KeyError likewise).
    """
    inputs, in_lab = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}[icc[16:20]], icc[20:24] == b"Lab "
    pipeline = _pipeline(tags[b"A2B1" if b"A2B1" in tags else b"A2B0"], inputs, 3)
    black: NDArray[np.float64] = np.zeros(3)
    if b"A2B1" in tags or {b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"} <= tags.keys():
        darkest = _find_darkest_input(icc, tags, inputs)
        if darkest is not None:
            y = float(_xyz(pipeline(darkest), in_lab=in_lab, old_lab=pipeline.old_lab)[1, 0])
            # a black lighter than L* 50 is not believed, and its colour is left alone
            black = D50 * min(max(y, 0.0), ((50 + 16) / 116) ** 3)
    return Table(inputs, black, pipeline, in_lab)


def _find_darkest_input(icc: bytes, tags: Mapping[bytes, bytes], inputs: int) -> Float | None:
    """Returns the darkest colour (inputs,1): no light, all inks, or for a printer the inks it prints black with."""
    if inputs != 4 or icc[12:16] != b"prtr":
        return np.full((inputs, 1), float(inputs == 4), np.float32)
    if not {b"A2B0", b"B2A0"} <= tags.keys():
        return None
    back = _pipeline(tags[b"B2A0"], 3, inputs)
    y = _PERCEPTUAL_BLACK if icc[8] >= 4 else 0.0
    if icc[20:24] == b"Lab ":
        coded = np.array([[y * 9.033], [128 / 255], [128 / 255]], np.float32)
        return back(coded * np.float32(65280 / 65535) if back.old_lab else coded)
    return back((D50 * (y / _XYZ_TOP)).astype(np.float32)[:, None])


def _pipeline(tag: bytes, inputs: int, outputs: int) -> _Pipeline:
    kind = tag[:4]
    if tuple(tag[8:10]) != (inputs, outputs):
        raise ValueError("a table with other channels than its profile")
    if kind in (b"mft1", b"mft2"):
        return _read_lut_type(tag, inputs, outputs, wide=kind == b"mft2")
    if kind == b"mAB " and outputs == 3:
        names = "acmxb"
    elif kind == b"mBA " and inputs == 3:
        names = "bxmca"
    else:
        raise ValueError("an unknown table")
    return _Pipeline(tuple(_read_stages(tag, names, inputs, outputs)), old_lab=False)


def _read_lut_type(tag: bytes, inputs: int, outputs: int, *, wide: bool) -> _Pipeline:
    """Reads lut8Type and lut16Type: curves, nodes, curves."""
    matrix = np.array(struct.unpack(">9i", tag[12:48])).reshape(3, 3) / 65536
    first, last = struct.unpack(">HH", tag[48:52]) if wide else (256, 256)
    kind, at = (">u2", 52) if wide else (">u1", 48)
    before, at = _read_numbers(tag, at, kind, inputs * first)
    nodes, at = _read_numbers(tag, at, kind, tag[10] ** inputs * outputs)
    after, at = _read_numbers(tag, at, kind, outputs * last)
    if min(first, last, tag[10]) < 2:
        raise ValueError("a table of one node")
    curves = [partial(interpolate_curve, values) for values in before.reshape(inputs, first)]
    ends = [partial(interpolate_curve, values) for values in after.reshape(outputs, last)]
    grid = partial(interpolate_grid, _planes(nodes, outputs), (tag[10],) * inputs)
    stages: tuple[Stage, ...] = (partial(apply_curves, curves), grid, partial(apply_curves, ends))
    if inputs == 3 and not np.array_equal(matrix, np.eye(3)):
        stages = (partial(apply_matrix, matrix.astype(np.float32), np.zeros(3, np.float32)), *stages)
    return _Pipeline(stages, old_lab=wide)


def _read_stages(tag: bytes, names: str, inputs: int, outputs: int) -> list[Stage]:
    """Reads the elements that a lutAToBType or lutBToAType has: B curves, matrix, M curves, nodes, A curves."""
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
            nodes, _ = _read_numbers(tag, at + 20, f">u{width}", math.prod(steps) * outputs)
            stages.append(partial(interpolate_grid, _planes(nodes, outputs), steps))
            channels = outputs
        elif name == "x":
            values = np.array(struct.unpack(">12i", tag[at : at + 48])) / 65536
            stages.append(
                partial(apply_matrix, values[:9].reshape(3, 3).astype(np.float32), values[9:].astype(np.float32))
            )
        else:
            stages.append(partial(apply_curves, _curves(tag, at, channels)))
    return stages


def _read_numbers(tag: bytes, at: int, kind: str, count: int) -> tuple[Float, int]:
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
            values, end = _read_numbers(tag, at + 12, ">u2", length)
            if length == 1:
                gamma = float(values[0]) * 65535 / 256
                curves.append(partial(_power, gamma))
            else:
                curves.append(partial(interpolate_curve, values if length else np.array([0, 1], np.float32)))
        elif kind == b"para":
            end = at + 12 + 4 * (1, 3, 4, 5, 7)[int.from_bytes(tag[at + 8 : at + 10], "big")]
            curves.append(read_parametric_curve(tag[at:end]))
        else:
            raise ValueError("an unknown tone curve")
        at = end + -end % 4
    return curves


def _power(gamma: float, values: Float) -> Float:
    return values**gamma
