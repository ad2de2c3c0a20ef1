"""A weights file as a graph that colours whole photos: bytes of any size in, bytes in colour out.

The network's graph is put in once for each size it sees photos at. What happens before and after it in this package is
built around it from plain ONNX operators: lightness, the views, the mean of the answers, their enlarging, the joining
with lightness, and the lowering of chroma where the gamut ends. Resampling is a product with matrices that the graph
computes from the photo's size: Pillow's own filters, Lanczos down and bicubic up.
"""

import hashlib
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from photochrom.color.conversion import (
    LAB_KNEE,
    LAB_KNEE_ROOT,
    LAB_OFFSET,
    LAB_SLOPE,
    LINEAR_FROM_XYZ,
    WHITE,
    XYZ_FROM_LINEAR,
    srgb_to_linear,
)
from photochrom.inference.views import PHOTO
from photochrom.registry import ModelCard

__all__ = ["build_whole_photo"]

#: halvings of the interval in which the chroma that fits the gamut is looked for, as in :mod:`photochrom.recolor`
_HALVINGS = 10
_TOLERANCE = 1e-4


class _Builder:
    """Collects nodes and constants; each operator returns the name of its first output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"photo_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def number(self, value: float | Sequence[float] | NDArray[np.float32]) -> str:
        return self._constant(np.asarray(value, np.float32))

    def whole(self, value: int | Sequence[int]) -> str:
        return self._constant(np.asarray(value, np.int64))

    def _constant(self, array: NDArray[np.generic]) -> str:
        kind = f"{array.dtype.name}_{'x'.join(map(str, array.shape))}"
        # by its content, so that one network gives the same bytes each time
        key = f"const_{kind}_{hashlib.sha256(array.tobytes()).hexdigest()[:16]}"
        self.constants.setdefault(key, numpy_helper.from_array(array.copy(), key))
        return key

    def side(self, image: str, axis: int) -> str:
        """Returns one side of a tensor, int64 scalar."""
        return self.op("Gather", self.op("Shape", image), self.whole(axis), axis=0)

    def real(self, value: str) -> str:
        return self.op("Cast", value, to=TensorProto.FLOAT)

    def row(self, *scalars: str) -> str:
        """Returns int64 scalars as one tensor."""
        return self.op("Concat", *(self.op("Unsqueeze", each, self.whole([0])) for each in scalars), axis=0)

    def resampling(self, before: str, after: str, *, lanczos: bool) -> str:
        """Returns the matrix (after,before) that resamples a line, as Pillow does it; sides are int64 scalars."""
        step = self.op("Div", self.real(before), self.real(after))
        wide = self.op("Max", step, self.number(1.0))
        targets = self.real(self.op("Range", self.whole(0), after, self.whole(1)))
        centers = self.op("Mul", self.op("Add", targets, self.number(0.5)), step)
        places = self.real(self.op("Range", self.whole(0), before, self.whole(1)))
        places = self.op("Add", places, self.number(0.5))
        apart = self.op(
            "Sub", self.op("Unsqueeze", places, self.whole([0])), self.op("Unsqueeze", centers, self.whole([1]))
        )
        x = self.op("Abs", self.op("Div", apart, wide))
        weights = self._lanczos(x) if lanczos else self._bicubic(x)
        return self.op("Div", weights, self.op("ReduceSum", weights, self.whole([1]), keepdims=1))

    def _lanczos(self, x: str) -> str:
        angle = self.op("Mul", self.op("Max", x, self.number(1e-6)), self.number(math.pi))
        third = self.op("Div", angle, self.number(3.0))
        value = self.op(
            "Mul", self.op("Div", self.op("Sin", angle), angle), self.op("Div", self.op("Sin", third), third)
        )
        return self.op("Where", self.op("Less", x, self.number(3.0)), value, self.number(0.0))

    def _bicubic(self, x: str) -> str:
        # a = -0.5
        square = self.op("Mul", x, x)
        near = self.op("Sub", self.op("Mul", x, self.number(1.5)), self.number(2.5))
        near = self.op("Add", self.op("Mul", near, square), self.number(1.0))
        far = self.op("Add", self.op("Mul", x, self.number(-0.5)), self.number(2.5))
        far = self.op("Sub", self.op("Mul", far, x), self.number(4.0))
        far = self.op("Add", self.op("Mul", far, x), self.number(2.0))
        outer = self.op("Where", self.op("Less", x, self.number(2.0)), far, self.number(0.0))
        return self.op("Where", self.op("Less", x, self.number(1.0)), near, outer)

    def resample(self, planes: str, vertical: str, horizontal: str) -> str:
        """Returns planes (N,C,H,W) between two matrices."""
        down = self.op("MatMul", vertical, planes)
        return self.op("MatMul", down, self.op("Transpose", horizontal, perm=[1, 0]))


def build_whole_photo(model: onnx.ModelProto, card: ModelCard) -> onnx.ModelProto:
    """Returns a graph from ``image`` (N,H,W,1 or 3) uint8, sRGB, to ``colored`` (N,H,W,3) uint8.

    Args:
        model: the network's weights file.
        card: what it says about itself.
    """
    b = _Builder()
    height, width = b.side("image", 1), b.side("image", 2)
    lightness = _read_lightness(b)
    answers = []
    for size in sorted(card.sizes, reverse=True):
        view, rows, columns = _make_view(b, lightness, height, width, size, card)
        ab = _put_in(b, model, card, view, f"view{size}_")
        cells = [b.op("Div", side, b.whole(card.output_stride)) for side in (rows, columns)]
        answers.append((b.op("Slice", ab, b.whole([0, 0]), b.row(*cells), b.whole([2, 3])), cells))
    (first, cells), *others = answers
    total = first
    for ab, small in others:
        matrices = (b.resampling(one, other, lanczos=False) for one, other in zip(small, cells, strict=True))
        total = b.op("Add", total, b.resample(ab, *matrices))
    mean = b.op("Mul", total, b.number(1 / len(answers)))
    matrices = (b.resampling(cell, side, lanczos=False) for cell, side in zip(cells, (height, width), strict=True))
    colored = _join(b, lightness, b.resample(mean, *matrices))
    graph = helper.make_graph(
        [*b.nodes, helper.make_node("Identity", [colored], ["colored"], name="colored")],
        "photochrom",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", "height", "width", "channels"])],
        [helper.make_tensor_value_info("colored", TensorProto.UINT8, ["batch", "height", "width", 3])],
        [*model.graph.initializer, *b.constants.values()],
    )
    made = helper.make_model(graph, opset_imports=list(model.opset_import), functions=list(model.functions))
    made.ir_version = model.ir_version
    made.producer_name = "photochrom"
    _prune(made.graph)
    onnx.checker.check_model(made)
    return made


def _read_lightness(b: _Builder) -> str:
    """Returns L* (N,1,H,W) of the input."""
    image = b.op("Expand", "image", b.whole([1, 1, 1, 3]))
    curve = b.number(srgb_to_linear(np.arange(256) / 255.0).astype(np.float32))
    linear = b.op("Gather", curve, b.op("Cast", image, to=TensorProto.INT32), axis=0)
    luminance = b.op("MatMul", linear, b.number(np.array(XYZ_FROM_LINEAR[1])[:, None]))
    light = b.op("Transpose", luminance, perm=[0, 3, 1, 2])
    bright = b.op("Pow", b.op("Max", light, b.number(LAB_KNEE)), b.number(1 / 3))
    dark = b.op("Add", b.op("Mul", light, b.number(LAB_SLOPE)), b.number(LAB_OFFSET))
    root = b.op("Where", b.op("Greater", light, b.number(LAB_KNEE)), bright, dark)
    lightness = b.op("Sub", b.op("Mul", root, b.number(116.0)), b.number(16.0))
    return b.op("Clip", lightness, b.number(0.0), b.number(100.0))


def _make_view(
    b: _Builder, lightness: str, height: str, width: str, size: int, card: ModelCard
) -> tuple[str, str, str]:
    """Returns what the network sees, padded to its stride, and how many rows and columns the photo has of it."""
    sides = [b.real(side) for side in (height, width)]
    long = b.op("Div", b.op("Max", *sides), b.number(PHOTO.longest))
    scale = b.op("Div", b.number(float(size)), b.op("Max", b.op("Min", *sides), long))
    shown, matrices = [], []
    for side, before in zip(sides, (height, width), strict=True):
        cells = b.op("Round", b.op("Div", b.op("Mul", side, scale), b.number(card.output_stride)))
        cells = b.op("Cast", b.op("Max", cells, b.number(1.0)), to=TensorProto.INT64)
        inside = b.op("Mul", cells, b.whole(card.output_stride))
        stride = b.whole(card.stride)
        blocks = b.op("Div", b.op("Add", inside, b.whole(card.stride - 1)), stride)
        # the last row again and again, as far as the padding goes
        rows = b.op("Range", b.whole(0), b.op("Mul", blocks, stride), b.whole(1))
        rows = b.op("Min", rows, b.op("Sub", inside, b.whole(1)))
        matrices.append(b.op("Gather", b.resampling(before, inside, lanczos=True), rows, axis=0))
        shown.append(inside)
    view = b.op("Clip", b.resample(lightness, *matrices), b.number(0.0), b.number(100.0))
    return view, shown[0], shown[1]


def _put_in(b: _Builder, model: onnx.ModelProto, card: ModelCard, view: str, prefix: str) -> str:
    """Puts the network's nodes in, and returns the name of its a*b*."""
    settings = dict(
        zip(("temperature", "correction", "render"), (card.vividness or [[]])[len(card.vividness) // 2], strict=False)
    )
    names: dict[str, str] = {tensor.name: tensor.name for tensor in model.graph.initializer}
    for entry in model.graph.input:
        if entry.name == "lightness":
            names[entry.name] = view
        elif entry.name == "hints":
            cell = b.whole(card.output_stride)
            cells = [b.op("Div", b.side(view, axis), cell) for axis in (2, 3)]
            shape = b.row(b.side(view, 0), b.whole(3), *cells)
            names[entry.name] = b.op("Expand", b.number(0.0), shape)
        else:
            dims = [dimension.dim_value for dimension in entry.type.tensor_type.shape.dim]
            names[entry.name] = b.number(np.full(dims, settings.get(entry.name, 0.0), np.float32))
    for node in model.graph.node:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        # a node without a name is one of many
        copy.name = node.name and prefix + node.name
        for index, name in enumerate(node.output):
            names[name] = copy.output[index] = name and prefix + name
        for index, name in enumerate(node.input):
            copy.input[index] = name and names[name]
        b.nodes.append(copy)
    return names["ab"]


def _join(b: _Builder, lightness: str, ab: str) -> str:
    """Returns uint8 (N,H,W,3) of lightness and a*b*, chroma lowered at constant L* and hue where the gamut ends."""
    y = b.op("Div", b.op("Add", lightness, b.number(16.0)), b.number(116.0))
    # a* moves the root of X, b* that of Z
    moves = b.number(np.array([[1 / 500, 0], [0, 0], [0, -1 / 200]])[:, :, None, None])
    moved = b.op("Conv", ab, moves)
    matrix = b.number((np.array(LINEAR_FROM_XYZ) * np.array(WHITE))[:, :, None, None])

    def light(chroma: str) -> str:
        root = b.op("Add", y, chroma)
        cubed = b.op("Mul", b.op("Mul", root, root), root)
        dark = b.op("Div", b.op("Sub", root, b.number(LAB_OFFSET)), b.number(LAB_SLOPE))
        return b.op("Conv", b.op("Where", b.op("Greater", root, b.number(LAB_KNEE_ROOT)), cubed, dark), matrix)

    def fits(linear: str) -> str:
        low = b.op("ReduceMin", linear, b.whole([1]), keepdims=1)
        high = b.op("ReduceMax", linear, b.whole([1]), keepdims=1)
        inside = b.op("GreaterOrEqual", low, b.number(-_TOLERANCE))
        return b.op("And", inside, b.op("LessOrEqual", high, b.number(1 + _TOLERANCE)))

    whole = light(moved)
    factor = b.op("Mul", y, b.number(0.0))
    for number in range(1, _HALVINGS + 1):
        tried = b.op("Add", factor, b.number(0.5**number))
        factor = b.op("Where", fits(light(b.op("Mul", moved, tried))), tried, factor)
    linear = b.op("Where", fits(whole), whole, light(b.op("Mul", moved, factor)))
    linear = b.op("Clip", linear, b.number(0.0), b.number(1.0))
    curved = b.op("Pow", b.op("Max", linear, b.number(0.0031308)), b.number(1 / 2.4))
    curved = b.op("Sub", b.op("Mul", curved, b.number(1.055)), b.number(0.055))
    coded = b.op("Where", b.op("Greater", linear, b.number(0.0031308)), curved, b.op("Mul", linear, b.number(12.92)))
    levels = b.op("Add", b.op("Mul", coded, b.number(255.0)), b.number(0.5))
    # through a wider whole number: from floats to bytes some runtimes wrap
    whole_levels = b.op("Cast", b.op("Floor", levels), to=TensorProto.INT32)
    return b.op("Transpose", b.op("Cast", whole_levels, to=TensorProto.UINT8), perm=[0, 2, 3, 1])


def _prune(graph: onnx.GraphProto) -> None:
    """Takes out what no output needs: of the network's answers only its colours are wanted."""
    needed = {entry.name for entry in graph.output}
    kept: list[onnx.NodeProto] = []
    for node in reversed(graph.node):
        if needed & set(node.output):
            kept.append(node)
            needed |= set(node.input)
    tensors = [tensor for tensor in graph.initializer if tensor.name in needed]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(tensors)
