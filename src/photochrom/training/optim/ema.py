"""The moving average of a network: weights and buffers alike.

Averaged weights beside the last batch's normalisation statistics are two networks in one; they lose most of a decibel.
"""

import torch
from torch import nn

__all__ = ["update_average"]


def update_average(average: nn.Module, present: nn.Module, decay: float) -> None:
    """Move ``average`` towards ``present`` in place, by ``1 - decay`` of the distance; counters are copied."""
    with torch.no_grad():
        old, new = average.state_dict(), present.state_dict()
        moving = [name for name, value in old.items() if value.is_floating_point()]
        torch._foreach_lerp_([old[name] for name in moving], [new[name] for name in moving], 1.0 - decay)
        for name in old.keys() - set(moving):
            old[name].copy_(new[name])
