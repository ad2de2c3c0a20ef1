"""Two trained networks as one, each with a share in every answer."""

from torch import nn

from photochrom.errors import CheckpointError, OptionError
from photochrom.models.ensemble import Ensemble
from photochrom.models.half_resolution import HalfSize

__all__ = ["join_networks"]


def join_networks(
    network: nn.Module,
    other: nn.Module,
    share: float,
    *,
    hinted_share: float | None = None,
    halved: bool = False,
    source: str,
) -> Ensemble:
    """Put another network beside one.

    Args:
        network: keeps the rest of the share; the features and the prior correction are its.
        other: stands beside it.
        share: of the other in the answer, between 0 and 1.
        hinted_share: the same where many hints are given; None for the same share.
        halved: the network also reads the picture at half its size; its two answers have equal parts of its share.
        source: names the other in messages.

    Raises:
        CheckpointError: the network takes no hints, the other has no distribution, or they do not tell the same
            colours apart.
        OptionError: a share is not between 0 and 1.
    """
    hinted_share = share if hinted_share is None else hinted_share
    for given in (share, hinted_share):
        if not 0.0 < given < 1.0:
            raise OptionError(f"the share is {given:g}: give a number between 0 and 1")
    if not (hasattr(network, "read") and hasattr(other, "logits")):
        raise CheckpointError(
            "Only another network with a distribution can stand beside one that takes hints, photochrom_fast: "
            "leave out --beside"
        )
    try:
        own = [network, HalfSize(network)] if halved else [network]
        shares, informed = ([(1.0 - given) / len(own)] * len(own) + [given] for given in (share, hinted_share))
        return Ensemble([*own, other], shares, informed)
    except ValueError as error:
        raise CheckpointError(f"{source} cannot stand beside the checkpoint: {error}: take another one") from error
