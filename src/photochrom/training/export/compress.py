"""An ONNX file made small and anonymous: matrices stored in half precision or bytes, the exporter's notes removed."""

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

__all__ = ["store_half", "store_int8", "strip_notes"]

#: fewer elements than this are not worth a node
SMALLEST = 256
LARGEST_HALF = 65504.0


def store_half(model: Any) -> None:
    """Stores float32 matrices as float16 followed by a ``Cast``, in place.

    Runtimes fold the cast when they load, so speed is that of float32 at half the size. Vectors (biases, statistics)
    stay: they are small and may exceed float16's range. So does a matrix with a value float16 cannot hold.
    """
    graph, casts = model.graph, []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.ndim < 2 or values.size < SMALLEST:
            continue
        if not np.isfinite(values).all() or np.abs(values).max() > LARGEST_HALF:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], f"{name}.cast", to=onnx.TensorProto.FLOAT))
    # casts come first: a graph's nodes are stored in the order in which they can run
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def store_int8(model: Any) -> None:
    """Stores float32 matrices as int8 with one scale per output channel, followed by ``Cast`` and ``Mul``, in place.

    Runtimes fold both when they load, so speed is that of float32 at a quarter of the size. (``DequantizeLinear`` would
    not be folded.) The scale of a channel makes its largest weight 127. Buffers that are not weights of a
    convolution or matrix product, such as colour bins, keep their precision.
    """
    graph, nodes = model.graph, []
    axes = _channel_axes(graph)
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        axis = axes.get(tensor.name)
        if axis is None or values.dtype != np.float32 or values.size < SMALLEST or not np.isfinite(values).all():
            continue
        name = tensor.name
        others = tuple(index for index in range(values.ndim) if index != axis)
        scale = np.maximum(np.abs(values).max(axis=others, keepdims=True), np.finfo(np.float32).tiny) / 127.0
        tensor.CopyFrom(numpy_helper.from_array(np.rint(values / scale).astype(np.int8), f"{name}.bytes"))
        graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), f"{name}.scale"))
        nodes.append(helper.make_node("Cast", [f"{name}.bytes"], [f"{name}.cast"], to=onnx.TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [f"{name}.cast", f"{name}.scale"], [name]))
    nodes += graph.node
    del graph.node[:]
    graph.node.extend(nodes)


def _channel_axes(graph: Any) -> dict[str, int]:
    """Returns, of each matrix that weighs something, the axis of its output channels."""
    axes: dict[str, int] = {}
    for node in graph.node:
        if node.op_type == "Conv":
            axes[node.input[1]] = 0
        elif node.op_type == "ConvTranspose":
            axes[node.input[1]] = 1
        elif node.op_type == "Gemm":
            flipped = any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
            axes[node.input[1]] = 0 if flipped else 1
    return axes


def strip_notes(model: Any) -> None:
    """Removes what says how and where the file was made (stack traces with local paths), in place."""
    graph = model.graph
    model.doc_string = graph.doc_string = ""
    model.producer_name, model.producer_version = "photochrom", ""
    del graph.value_info[:]
    for container in (model, graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        del container.metadata_props[:]
        container.doc_string = ""
    # local functions are already inlined; a graph that has some would hide notes in them
    for function in model.functions:
        del function.metadata_props[:]
        function.doc_string = ""
