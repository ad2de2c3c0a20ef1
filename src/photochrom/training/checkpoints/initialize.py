"""What a network starts from: nothing, an encoder's weights, a prototype's, or a checkpoint's."""

from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from photochrom.datasets.sources.photo_set import Photos
from photochrom.errors import CheckpointError
from photochrom.models.registry import ARCHITECTURES, ColorClasses, architecture, build
from photochrom.training.checkpoints.io import load_checkpoint, load_strictly, network_tensors, restore_network
from photochrom.training.checkpoints.legacy import is_prototype, rename_prototype
from photochrom.training.checkpoints.public_weights import read_public_weights
from photochrom.training.data.color_prior import color_prior
from photochrom.training.losses.class_rebalancing import class_weight
from photochrom.training.schema import NetworkOptions

__all__ = ["architecture_of", "initial_network", "load_tensors", "read_network", "read_network_tensors", "samples_of"]


def initial_network(options: NetworkOptions, photos: Photos, *, prior_photos: int, seed: int) -> nn.Module:
    """Builds a recipe's network and gives it what it starts from.

    Args:
        options: which network, and from what.
        photos: the training photos, for the prior over colours where the weights bring no classes of their own.
        prior_photos: how many of them to measure it on.
        seed: of the random part of the initialisation.

    Raises:
        CheckpointError: the weights to start from cannot be read, or do not fit the network.
        DataError: the photos cannot be read.
    """
    torch.manual_seed(seed)
    tensors: dict[str, Tensor] = {}
    if options.init_checkpoint:
        tensors = read_network_tensors(Path(options.init_checkpoint).expanduser())
        network = _build(options, _classes_of(tensors))
        if getattr(network, "render_head", None) is None:
            # a network taught on outgrows the head; it is taught anew at the end
            tensors = {name: tensor for name, tensor in tensors.items() if not name.startswith("render_head.")}
    else:
        bins = architecture(options.architecture).bins
        network = _build(
            options, None if bins is None else _measure(bins(), photos, prior_photos, options.rebalance_lambda)
        )
    if options.pretrained_encoder:
        _load_encoder(network, options.pretrained_encoder)
        if options.init_checkpoint:
            # a network that was taught on has blocks of its own in place of some of the public ones
            own = network.state_dict()
            tensors = {name: tensor for name, tensor in own.items() if name.startswith("encoder.")} | tensors
    if options.init_checkpoint:
        load_strictly(network, tensors, f"'{options.init_checkpoint}'")
    return network


def load_tensors(path: Path) -> dict[str, Tensor]:
    """Reads a safetensors file, its half-precision matrices as float32.

    Raises:
        CheckpointError: it is missing, cut, or no such file.
    """
    try:
        tensors = safetensors.torch.load_file(path)
    except FileNotFoundError as error:
        raise CheckpointError("checkpoint.weights_missing", path=path) from error
    except (safetensors.SafetensorError, OSError) as error:
        raise CheckpointError("checkpoint.not_safetensors", path=path) from error
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()}


def read_network_tensors(path: Path) -> dict[str, Tensor]:
    """Returns all tensors of a network, by its parameter names, from a checkpoint (.ckpt) or its weights (safetensors).

    Raises:
        CheckpointError: the file cannot be read.
    """
    if path.suffix == ".ckpt":
        return network_tensors(load_checkpoint(path))
    tensors = load_tensors(path)
    return rename_prototype(tensors) if is_prototype(tensors) else tensors


def read_network(path: Path) -> nn.Module:
    """Returns a whole network, from a checkpoint, or from safetensors whose metadata name its architecture as ``name``.

    Raises:
        CheckpointError: it cannot be read, or does not say what it is.
    """
    if path.suffix == ".ckpt":
        return restore_network(load_checkpoint(path))
    tensors = read_network_tensors(path)
    network = build(architecture_of(path), classes=_classes_of(tensors), options=_options_of(tensors))
    load_strictly(network, tensors, f"'{path}'")
    return network


def architecture_of(path: Path) -> str:
    """Returns the architecture that a safetensors file's metadata name.

    Raises:
        CheckpointError: it cannot be read, or names none.
    """
    name = _metadata(path).get("name", "")
    if name not in ARCHITECTURES:
        raise CheckpointError("checkpoint.unnamed", path=path)
    return name


def samples_of(path: Path) -> int:
    """Returns how many photos a network has seen in training, as a safetensors file's metadata say; 0 if not.

    Raises:
        CheckpointError: it cannot be read.
    """
    told = _metadata(path).get("samples", "")
    return int(told) if told.isdecimal() else 0


def _metadata(path: Path) -> dict[str, str]:
    try:
        with safetensors.safe_open(path, "pt") as file:
            return file.metadata() or {}
    except (safetensors.SafetensorError, OSError) as error:
        raise CheckpointError("checkpoint.not_a_network", path=path) from error


def _load_encoder(network: nn.Module, source: str) -> None:
    encoder: Any = getattr(network, "encoder", None)
    if encoder is None or not hasattr(encoder, "accept"):
        raise CheckpointError("checkpoint.no_encoder", source=source)
    load_strictly(encoder, encoder.accept(read_public_weights(source)), f"'{source}'")


def _measure(bins: NDArray[np.float32], photos: Photos, limit: int, rebalance_lambda: float) -> ColorClasses:
    found = torch.from_numpy(bins)
    return ColorClasses(found, class_weight(color_prior(photos, found, limit=limit), rebalance_lambda))


def _classes_of(tensors: dict[str, Tensor]) -> ColorClasses | None:
    if not {"bins", "log_weight"} <= tensors.keys():
        return None
    return ColorClasses(tensors["bins"], tensors["log_weight"].exp())


def _options_of(tensors: dict[str, Tensor]) -> dict[str, int]:
    """Returns the options that weights were made with, as far as their shapes tell of parts that not all have."""
    widths = {"attention_width": "attention.enter16.weight", "render_width": "render_head.read8.weight"}
    return {option: len(tensors[name]) for option, name in widths.items() if name in tensors}


def _build(options: NetworkOptions, classes: ColorClasses | None) -> nn.Module:
    return build(options.architecture, classes=classes, tiny=options.tiny, options=options.options)
