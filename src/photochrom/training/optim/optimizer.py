"""Which weights move, how fast, and by which rule."""

from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from photochrom.errors import RecipeError
from photochrom.training.schema import OptimizerOptions

__all__ = ["freeze", "make_optimizer", "parameter_groups", "set_training"]


def freeze(network: nn.Module, options: OptimizerOptions) -> None:
    """Keeps the encoder's front from learning, or all but one part, in place.

    Raises:
        RecipeError: the network has no such part.
    """
    if options.trainable:
        parts = dict(network.named_children())
        if options.trainable not in parts:
            raise RecipeError("recipe.unknown_trainable", part=options.trainable, parts=", ".join(sorted(parts)))
        network.requires_grad_(False)
        parts[options.trainable].requires_grad_(True)
    encoder: Any = getattr(network, "encoder", None)
    if encoder is not None and options.encoder_frozen_blocks:
        for module in encoder.front(options.encoder_frozen_blocks):
            module.requires_grad_(False)


def parameter_groups(network: nn.Module, options: OptimizerOptions) -> list[dict[str, Any]]:
    """Returns the parameters that learn, by rate: the encoder's from its front on, then all others.

    With ``options.layer_decay`` below 1, block k of an encoder of n moves at ``encoder_rate * layer_decay ** (n - k)``
    (Howard & Ruder, *Universal Language Model Fine-tuning*, 2018, for encoders of text), its stem with the first block,
    and what comes after its blocks at ``encoder_rate``.

    Returns:
        Groups for an optimizer; each keeps its own rate as ``peak``, from which a schedule goes down.
    """
    learning = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
    encoder = [p for name, p in learning if name.startswith("encoder.")]
    rest = [p for name, p in learning if not name.startswith("encoder.")]
    groups = [(rest, options.lr)]
    if encoder and options.layer_decay < 1.0:
        blocks = _blocks(network.encoder)
        behind = len(blocks)
        depths = {id(p): depth for depth, block in enumerate(blocks) for p in block}
        decayed = [options.encoder_rate * options.layer_decay ** (behind - depth - 1) for depth in range(behind)]
        layers: list[list[nn.Parameter]] = [[] for _ in range(behind + 1)]
        for p in encoder:
            layers[depths.get(id(p), behind)].append(p)
        groups = [*zip(layers, [*decayed, options.encoder_rate], strict=True), *groups]
    else:
        groups = [(encoder, options.encoder_rate), *groups]
    return [{"params": group, "lr": rate, "peak": rate} for group, rate in groups if group]


def make_optimizer(
    network: nn.Module, options: OptimizerOptions, *, discriminator: nn.Module | None = None
) -> torch.optim.Optimizer:
    """Returns the rule that moves the weights that learn, those of a discriminator too."""
    groups, decay = parameter_groups(network, options), options.weight_decay
    if discriminator is not None:
        rate = options.discriminator_lr
        groups.append({"params": list(discriminator.parameters()), "lr": rate, "peak": rate})
    if options.name == "adam":
        return torch.optim.Adam(groups, weight_decay=decay, betas=options.betas)
    if options.name == "rmsprop":
        return torch.optim.RMSprop(groups, weight_decay=decay, alpha=options.betas[1], momentum=options.momentum)
    return torch.optim.AdamW(groups, weight_decay=decay, betas=options.betas)


def set_training(network: nn.Module, *, freeze_batch_norm: bool) -> None:
    """Puts a network into training mode, its batch norms by what they are to do.

    A batch norm whose weights are frozen goes on using its statistics: they belong to those weights, and would drift
    away from them with every batch. With ``freeze_batch_norm`` all do.
    """
    network.train()
    for module in network.modules():
        if isinstance(module, _BatchNorm) and (freeze_batch_norm or _is_frozen(module)):
            module.eval()


def _is_frozen(module: nn.Module) -> bool:
    own = list(module.parameters(recurse=False))
    return bool(own) and not any(p.requires_grad for p in own)


def _blocks(encoder: Any) -> list[list[nn.Parameter]]:
    """Returns the parameters of each of an encoder's blocks, the stem with the first."""
    blocks: list[list[nn.Parameter]] = []
    before: list[nn.Module] = []
    while len(front := encoder.front(len(blocks) + 1)) > len(before):
        known = {id(module) for module in before}
        blocks.append([p for module in front if id(module) not in known for p in module.parameters()])
        before = front
    return blocks
