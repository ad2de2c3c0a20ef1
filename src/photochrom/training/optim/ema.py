"""The moving average of a network: weights and buffers alike.

Averaged weights beside the last batch's normalisation statistics are two networks in one; they lose most of a decibel.
"""

from torch import nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

__all__ = ["update_average"]


def update_average(average: nn.Module, present: nn.Module, decay: float) -> None:
    """Moves ``average`` towards ``present`` in place, by ``1 - decay`` of the distance; counters are copied.

    The arithmetic is PyTorch's. Its :class:`~torch.optim.swa_utils.AveragedModel` would average counters too, and give
    every tensor in a checkpoint another name.
    """
    old, new = average.state_dict(), present.state_dict()
    moving = [name for name, value in old.items() if value.is_floating_point()]
    update = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
    update([old[name] for name in moving], [new[name] for name in moving], None)
    for name in old.keys() - set(moving):
        old[name].copy_(new[name])
