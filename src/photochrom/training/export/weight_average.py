"""The mean of two networks' weights, where one was trained on from the other or both from the same start.

Fine-tuning on few photos makes a network sure of too much; the way back half to its start keeps what it learned and
forgets the overconfidence. Following Wortsman et al., *Robust fine-tuning of zero-shot models* (CVPR 2022).
"""

import torch
from torch import Tensor, nn

from photochrom.errors import CheckpointError, OptionError
from photochrom.training.checkpoints.io import load_strictly

__all__ = ["average_weights"]


def average_weights(network: nn.Module, other: dict[str, Tensor], alpha: float, *, source: str) -> nn.Module:
    """Moves a network's weights towards another's, in place.

    Args:
        network: gets ``alpha`` of the other and keeps the rest.
        other: tensors of the same architecture, with the same colour classes.
        alpha: 0..1.
        source: names the other in messages.

    Raises:
        CheckpointError: the two are not of the same architecture or not over the same colours.
        OptionError: ``alpha`` is not in 0..1.
    """
    if not 0.0 <= alpha <= 1.0:
        raise OptionError("export.alpha", alpha=alpha)
    own = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    load_strictly(network, other, source)
    for name in ("bins", "log_weight"):
        if name in own and not torch.allclose(own[name], network.state_dict()[name], atol=1e-5):
            raise CheckpointError("checkpoint.other_bins", source=source)
    averaged = {
        name: torch.lerp(tensor, network.state_dict()[name], alpha) if tensor.is_floating_point() else tensor
        for name, tensor in own.items()
    }
    network.load_state_dict(averaged)
    return network
