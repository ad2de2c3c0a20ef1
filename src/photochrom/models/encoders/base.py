"""What every pretrained encoder offers the networks of the zoo."""

from collections.abc import Mapping
from typing import Protocol

from torch import Tensor, nn

__all__ = ["Encoder", "without"]


class Encoder(Protocol):
    """Features of RGB or lightness at several strides, under the parameter names of its public weights.

    Attributes:
        channels: of the feature maps, the finest first.
    """

    channels: tuple[int, ...]

    def front(self, blocks: int) -> list[nn.Module]:
        """The first ``blocks`` blocks, the stem included; everything, if there are not that many."""

    def accept(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Of the public weights, what this encoder keeps."""


def without(tensors: Mapping[str, Tensor], *prefixes: str) -> dict[str, Tensor]:
    """Tensors whose names do not begin with any of these."""
    return {name: tensor for name, tensor in tensors.items() if not name.startswith(prefixes)}
