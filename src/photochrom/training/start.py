"""What a network starts from: nothing, an encoder's weights, a prototype's, or a checkpoint's."""

from collections.abc import Callable
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from photochrom.color import ab_bins
from photochrom.data.photos import Photos
from photochrom.data.prior import color_prior
from photochrom.errors import CheckpointError
from photochrom.models import ColorClasses, build
from photochrom.training.balance import class_weight
from photochrom.training.checkpoint import load_checkpoint, load_strictly, network_tensors
from photochrom.training.options import NetworkOptions
from photochrom.training.prototype import is_prototype, rename_prototype

__all__ = ["initial_network", "load_tensors"]

#: an encoder file holds its classifier too, which a colorizer has no use for
CLASSIFIER = ("fc.weight", "fc.bias")


def initial_network(options: NetworkOptions, photos: Photos, *, prior_photos: int, seed: int) -> nn.Module:
    """Build a recipe's network and give it what it starts from.

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

    def measured() -> ColorClasses:
        bins = torch.from_numpy(ab_bins())
        return ColorClasses(bins, class_weight(color_prior(photos, bins, limit=prior_photos), options.balance))

    if not options.init_from:
        return _build(options, measured)
    path = Path(options.init_from).expanduser()
    if path.suffix == ".ckpt":
        return _whole(options, network_tensors(load_checkpoint(path)), str(path))
    tensors = load_tensors(path)
    if is_prototype(tensors):
        return _whole(options, rename_prototype(tensors), str(path))
    network = _build(options, measured)
    encoder = getattr(network, "encoder", None)
    if not isinstance(encoder, nn.Module):
        raise CheckpointError(f"'{path}' holds encoder weights, but this network has no encoder: leave out init_from")
    load_strictly(encoder, {name: t for name, t in tensors.items() if name not in CLASSIFIER}, f"'{path}'")
    return network


def load_tensors(path: Path) -> dict[str, Tensor]:
    """Read a safetensors file, its half-precision matrices as float32.

    Raises:
        CheckpointError: it is missing, cut, or no such file.
    """
    try:
        tensors = safetensors.torch.load_file(path)
    except FileNotFoundError as error:
        raise CheckpointError(f"There are no weights '{path}': check network.init_from in the recipe") from error
    except (safetensors.SafetensorError, OSError) as error:
        raise CheckpointError(f"'{path}' is no readable safetensors file: copy it again") from error
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()}


def _build(options: NetworkOptions, classes: Callable[[], ColorClasses]) -> nn.Module:
    return build(options.architecture, classes=classes(), tiny=options.tiny, options=options.options)


def _whole(options: NetworkOptions, tensors: dict[str, Tensor], source: str) -> nn.Module:
    if not {"bins", "log_weight"} <= tensors.keys():
        raise CheckpointError(f"'{source}' holds no colour classes: take weights of a network with a distribution")
    network = _build(options, lambda: ColorClasses(tensors["bins"], tensors["log_weight"].exp()))
    load_strictly(network, tensors, f"'{source}'")
    return network
