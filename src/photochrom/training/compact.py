"""An ONNX file made small and anonymous: matrices stored in half precision, the exporter's notes removed."""

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

__all__ = ["store_half", "strip_notes"]

#: fewer elements than this are not worth a node
SMALLEST = 256
LARGEST_HALF = 65504.0


def store_half(model: Any) -> None:
    """Store float32 matrices as float16 followed by a ``Cast``, in place.

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


def strip_notes(model: Any) -> None:
    """Remove what says how and where the file was made (stack traces with local paths), in place."""
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
