"""Two trained networks as one, each with a share in every answer: a network's checkpoint beside another's weights."""

from pathlib import Path

import safetensors
from torch import nn

from photochrom.errors import CheckpointError, OptionError
from photochrom.models import ARCHITECTURES, ColorClasses, build
from photochrom.models.ensemble import Ensemble
from photochrom.training.checkpoint import load_checkpoint, load_strictly, restore_network
from photochrom.training.start import read_network_tensors

__all__ = ["join_networks", "read_network"]


def join_networks(network: nn.Module, path: Path, share: float) -> Ensemble:
    """Put another network beside one.

    Args:
        network: keeps the rest of the share; the features and the prior correction are its.
        path: of the other; see :func:`read_network`.
        share: of the other in the answer, between 0 and 1.

    Raises:
        CheckpointError: the other cannot be read, or one of them has no distribution over hinted colours, or they do
            not tell the same colours apart.
        OptionError: the share is not between 0 and 1.
    """
    if not 0.0 < share < 1.0:
        raise OptionError(f"the share is {share:g}: give a number between 0 and 1")
    other = read_network(path)
    if not (hasattr(network, "read") and hasattr(other, "read")):
        raise CheckpointError("Only photochrom and photochrom_fast can stand beside one another: leave out --beside")
    try:
        return Ensemble([network, other], [1.0 - share, share])
    except ValueError as error:
        raise CheckpointError(f"'{path}' cannot stand beside the checkpoint: {error}: take another one") from error


def read_network(path: Path) -> nn.Module:
    """A whole network, from a checkpoint, or from safetensors whose metadata name its architecture as ``name``.

    Raises:
        CheckpointError: it cannot be read, or does not say what it is.
    """
    if path.suffix == ".ckpt":
        return restore_network(load_checkpoint(path))
    tensors = read_network_tensors(path)
    with safetensors.safe_open(path, "pt") as file:
        name = (file.metadata() or {}).get("name", "")
    if name not in ARCHITECTURES:
        raise CheckpointError(
            f"'{path}' does not say which network it is: name a checkpoint, or put name in its metadata"
        )
    classes = ColorClasses(tensors["bins"], tensors["log_weight"].exp()) if "bins" in tensors else None
    network = build(name, classes=classes)
    load_strictly(network, tensors, f"'{path}'")
    return network
