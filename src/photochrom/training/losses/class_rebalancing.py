"""Class weights against the rarity of saturated colours (Zhang, Isola & Efros, ECCV 2016, section 2.2)."""

from torch import Tensor

__all__ = ["class_weight"]


def class_weight(prior: Tensor, mix: float = 0.5) -> Tensor:
    """Returns the weight of each class in the loss: the inverse of its prior mixed with a uniform one.

    Args:
        prior: (Q,) how often each class occurs, sums to 1.
        mix: share of the uniform distribution, 0..1; at 1 all weights are 1.

    Returns:
        (Q,) with mean 1 under the prior.
    """
    weight = 1.0 / ((1.0 - mix) * prior + mix / len(prior))
    return weight / (weight * prior).sum()
