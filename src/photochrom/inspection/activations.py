"""Reads what goes on between a network's input and its answer from its ONNX graph; no torch, any network of the zoo.

A graph is a list of operations in the order they are carried out. Those that end a layer (a non-linearity, a sum, a
normalisation) are run once on a small input, which tells their strides; a group is a stretch of them at one
stride, and stands for itself by its last one. A normalisation that could not be folded into a convolution ends a group
too, as each group of *Colorful Image Colorization* ends with one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import CorruptWeightsError, MissingDependencyError
from photochrom.inference.session import import_onnxruntime
from photochrom.registry import Model

__all__ = ["Layer", "record_activations"]

Planes = NDArray[np.float32]

#: operations whose results are recorded
ENDS = frozenset(
    {
        *("Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Gelu", "Clip", "Sigmoid", "Tanh", "HardSwish", "HardSigmoid"),
        *("Add", "Sum", "BatchNormalization", "GroupNormalization", "LayerNormalization", "InstanceNormalization"),
    }
)
#: fewer channels than this are colours or lightness, not features
FEWEST = 4
#: height and width, in strides, of the input that tells the layers' shapes; unlike, so that a branch that sees the
#: whole photo at a size of its own is known by its other shape
PROBE = (2, 3)


@dataclass(frozen=True, eq=False)
class Layer:
    """The activations at the end of one group of layers.

    Attributes:
        title: its number and direction: ``2. down, stride 4``.
        tensor: its name in the ONNX graph.
        stride: input pixels to one of its cells.
        channels: how many.
        mean: (h,w) mean absolute activation over the channels.
        strongest: (k,h,w) the channels that vary most over the photo, the most varied first.
    """

    title: str
    tensor: str
    stride: int
    channels: int
    mean: Planes
    strongest: Planes


def record_activations(model: Model, lightness: Planes, content: tuple[int, int], *, strongest: int = 6) -> list[Layer]:
    """Runs a network on one photo and keeps the end of each group.

    Args:
        model: from :func:`photochrom.registry.find_model`.
        lightness: (H,W) float32, L* 0..100; H and W multiples of the card's stride.
        content: height and width of the part that is photo, not padding.
        strongest: channels kept of each group.

    Raises:
        MissingDependencyError: the onnx package is not installed.
        CorruptWeightsError: the graph cannot be read or run.
    """
    try:
        import onnx
    except ModuleNotFoundError as error:
        raise MissingDependencyError("Looking inside a network", "train") from error
    try:
        graph = onnx.load_model_from_string(model.data)
        groups = _find_groups(graph, model)
        arrays = _run_graph(graph, [name for name, _ in groups], _make_inputs(graph, model, lightness))
    except Exception as error:  # protobuf and onnxruntime raise classes of their own, none of them documented
        raise CorruptWeightsError("inspection.graph_unreadable", path=model.path) from error
    strides = [stride for _, stride in groups]
    layers = []
    for number, ((name, stride), array) in enumerate(zip(groups, arrays, strict=True), 1):
        inside = array[0, :, : -(-content[0] // stride), : -(-content[1] // stride)]
        most = np.argsort(-inside.std((1, 2)), kind="stable")[:strongest]
        title = f"{number}. {_name_direction(strides, number - 1)}, stride {stride}"
        layers.append(Layer(title, name, stride, len(inside), np.abs(inside).mean(0), inside[most]))
    return layers


def _name_direction(strides: list[int], index: int) -> str:
    deepest = max(strides)
    if strides[index] == deepest:
        return "deepest"
    return "down" if index < strides.index(deepest) else "up"


def _find_groups(graph: Any, model: Model) -> list[tuple[str, int]]:
    """Returns the tensor at the end of each group on the way to the colours, and its stride."""
    leading = {"ab"}
    for node in reversed(graph.graph.node):
        if not leading.isdisjoint(node.output):
            leading.update(node.input)
    known = {"lightness"}
    made_by = {}
    candidates = []
    for node in graph.graph.node:
        if known.isdisjoint(node.input) or node.op_type == "Shape":
            continue  # of the weights, the hints or the picture's size alone
        known.update(node.output)
        made_by[node.output[0]] = node
        if node.op_type in ENDS and not leading.isdisjoint(node.output):
            candidates.append(node)
    height, width = (cells * model.card.stride for cells in PROBE)
    probe = np.full((height, width), 50.0, np.float32)
    shapes = [
        array.shape for array in _run_graph(graph, [n.output[0] for n in candidates], _make_inputs(graph, model, probe))
    ]
    #: tensor, stride, and whether a normalisation ends it
    stretches: list[tuple[str, int, bool]] = []
    for node, shape in zip(candidates, shapes, strict=True):
        if len(shape) != 4 or shape[1] < FEWEST or height * shape[3] != width * shape[2] or height % shape[2]:
            continue
        stride = height // shape[2]
        before = made_by.get(node.input[0])
        closes = node.op_type == "BatchNormalization" and before is not None and "Conv" not in before.op_type
        # what leads to a normalisation is of its group, whatever the stride on the way
        while stretches and not stretches[-1][2] and (closes or stretches[-1][1] == stride):
            stretches.pop()
        stretches.append((node.output[0], stride, closes))
    return [(name, stride) for name, stride, _ in stretches]


def _make_inputs(graph: Any, model: Model, lightness: Planes) -> dict[str, Planes]:
    """Returns the inputs of the plain answer: no hints, the distribution as it is, the most likely code."""
    card = model.card
    height, width = (size // card.output_stride for size in lightness.shape)
    shapes = {
        entry.name: [dimension.dim_value for dimension in entry.type.tensor_type.shape.dim]
        for entry in graph.graph.input
    }
    feed = {
        "lightness": np.ascontiguousarray(lightness[None, None], np.float32),
        "hints": np.zeros((1, 3, height, width), np.float32),
        "temperature": np.array(1.0, np.float32),
        "correction": np.array(0.0, np.float32),
        "bin_bias": np.zeros(len(card.bins), np.float32),
        "hint_coverage": np.array(0.0, np.float32),
        "render": np.array(0.0, np.float32),
        "z": np.zeros((1, shapes["z"][1] if "z" in shapes else 0), np.float32),
    }
    return {model.graph_names.get(name, name): feed[name] for name in card.inputs}


def _run_graph(graph: Any, names: list[str], feed: dict[str, Planes]) -> list[Planes]:
    """Returns the values of these tensors, whatever the graph's own outputs are."""
    import onnx

    kept = list(graph.graph.output)
    try:
        del graph.graph.output[:]
        graph.graph.output.extend(
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names
        )
        data = graph.SerializeToString()
    finally:
        del graph.graph.output[:]
        graph.graph.output.extend(kept)
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    arrays: list[Planes] = session.run(names, feed)
    return arrays
