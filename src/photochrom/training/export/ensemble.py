"""Two trained networks as one, each with a weight in every answer."""

from torch import nn

from photochrom.errors import CheckpointError, OptionError
from photochrom.models.enlarged import Enlarged
from photochrom.models.ensemble import Ensemble
from photochrom.models.half_resolution import HalfSize

__all__ = ["join_networks"]


def join_networks(
    network: nn.Module,
    other: nn.Module,
    weight: float,
    *,
    weight_hinted: float | None = None,
    half_resolution: bool = False,
    scale: float = 1.0,
    source: str,
) -> Ensemble:
    """Joins two networks to an ensemble.

    Args:
        network: keeps the rest of the weight. The features and the prior correction are its own.
        other: the second network.
        weight: of the other in the answer, between 0 and 1.
        weight_hinted: the same where many hints are given; None for the same weight.
        half_resolution: the network also reads the image at half its size. Its two answers share its weight equally.
        scale: the other sees the image enlarged by this factor, 1 to 2.
        source: names the other in messages.

    Raises:
        CheckpointError: the network takes no hints, the other has no distribution, or they do not tell the same
            colours apart.
        OptionError: a weight is not between 0 and 1, or the scale not between 1 and 2.
    """
    weight_hinted = weight if weight_hinted is None else weight_hinted
    for given in (weight, weight_hinted):
        if not 0.0 < given < 1.0:
            raise OptionError("export.ensemble_weight", weight=given)
    if not 1.0 <= scale <= 2.0:
        raise OptionError("export.ensemble_scale", scale=scale)
    if not (hasattr(network, "read") and hasattr(other, "broad" if scale > 1.0 else "logits")):
        raise CheckpointError("export.ensemble_unsupported")
    try:
        own = [network, HalfSize(network)] if half_resolution else [network]
        weights, hinted = ([(1.0 - given) / len(own)] * len(own) + [given] for given in (weight, weight_hinted))
        return Ensemble([*own, Enlarged(other, scale) if scale > 1.0 else other], weights, hinted)
    except ValueError as error:
        raise CheckpointError("export.ensemble_mismatch", source=source, reason=str(error)) from error
