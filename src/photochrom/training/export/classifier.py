"""An image classifier as an ONNX file that ``photochrom evaluate`` measures with: its classes, or its features."""

import json
import tempfile
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from photochrom.deprecations import find_attribute, renamed_keywords
from photochrom.evaluation.onnx_metrics import INPUT_KEY
from photochrom.models.encoders.mobilenet_edgetpu import MobileNetEdgeTPU
from photochrom.system.atomic import write_whole
from photochrom.training.checkpoints.io import load_strictly
from photochrom.training.checkpoints.public_weights import read_public_weights
from photochrom.training.export.compress import store_half, strip_notes
from photochrom.training.export.graph import IR_VERSION, fix_padding, to_onnx
from photochrom.training.export.model_card import load_model

__all__ = ["export_classifier"]


class _ImageNetwork(nn.Module):
    def __init__(self, network: MobileNetEdgeTPU, *, features: bool) -> None:
        super().__init__()
        self.network, self.features = network, features

    def forward(self, rgb: Tensor) -> Tensor:
        """Maps RGB (1,3,S,S) in [-1, 1] to logits (1,1000) or features (1,1280)."""
        if not self.features:
            logits: Tensor = self.network(rgb)
            return logits
        return self.network.context(self.network.features(rgb)[-1])


@renamed_keywords("export_classifier")
def export_classifier(
    weights: str, path: Path, submodule: Literal["classifier", "features"], *, overwrite: bool = False
) -> Path:
    """Writes MobileNetEdgeTPU, with its public weights, as a classifier or as what its classifier sees.

    Args:
        weights: a path or URL; see :func:`photochrom.training.checkpoints.public_weights.read_public_weights`.
        path: where the file goes; it appears there whole or not at all.
        submodule: 1000 ImageNet logits, or the 1280 features they are made from.
        overwrite: replace a file that is there already.

    Raises:
        CheckpointError: the weights cannot be read, or are another network's.
        OutputExistsError: a file is there already.
        WriteError: the file cannot be written.
    """
    network = MobileNetEdgeTPU(classes=1000)
    load_strictly(network, read_public_weights(weights), f"'{weights}'")
    side = network.size
    image_network = _ImageNetwork(network, features=submodule == "features").eval()
    fix_padding(image_network)
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.onnx"
        to_onnx(image_network, (torch.zeros(1, 3, side, side),), raw, inputs=["rgb"], outputs=[submodule])
        model = load_model(raw)
    strip_notes(model)
    store_half(model)
    model.ir_version = min(model.ir_version, IR_VERSION)
    del model.metadata_props[:]
    entry = model.metadata_props.add()
    half = [127.5, 127.5, 127.5]
    described = {"name": f"MobileNetEdgeTPU {submodule}", "size": side, "mean": half, "std": half}
    entry.key, entry.value = INPUT_KEY, json.dumps(described)
    return write_whole(path, model.SerializeToString(deterministic=True), overwrite=overwrite)


def __getattr__(name: str) -> object:
    return find_attribute(__name__, name)
