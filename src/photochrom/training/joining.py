"""Two trained networks as one, each with a share in every answer: a network's checkpoint beside another's weights."""

from pathlib import Path

from torch import nn

from photochrom.errors import CheckpointError, OptionError
from photochrom.models.ensemble import Ensemble
from photochrom.training.start import read_network

__all__ = ["join_networks"]


def join_networks(network: nn.Module, path: Path, share: float) -> Ensemble:
    """Put another network beside one.

    Args:
        network: keeps the rest of the share; the features and the prior correction are its.
        path: of the other; see :func:`photochrom.training.start.read_network`.
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
