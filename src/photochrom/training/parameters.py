"""Which weights move, and how fast."""

from typing import Any

from torch import nn

from photochrom.training.options import OptimizerOptions

__all__ = ["freeze", "parameter_groups"]


def freeze(network: nn.Module, options: OptimizerOptions) -> None:
    """Keep the encoder's front from learning, in place."""
    encoder: Any = getattr(network, "encoder", None)
    if encoder is not None and options.encoder_frozen_blocks:
        for module in encoder.front(options.encoder_frozen_blocks):
            module.requires_grad_(False)


def parameter_groups(network: nn.Module, options: OptimizerOptions) -> list[dict[str, Any]]:
    """The parameters that learn, encoder and rest apart; each group keeps its own rate as ``peak``."""
    learning = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
    encoder = [p for name, p in learning if name.startswith("encoder.")]
    rest = [p for name, p in learning if not name.startswith("encoder.")]
    rates = ((encoder, options.encoder_rate), (rest, options.rate))
    return [{"params": group, "lr": rate, "peak": rate} for group, rate in rates if group]


def set_training(network: nn.Module, *, freeze_batch_norm: bool) -> None:
    """Put a network into training mode; with frozen batch norms, these go on using their statistics."""
    network.train()
    if freeze_batch_norm:
        for module in network.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()
