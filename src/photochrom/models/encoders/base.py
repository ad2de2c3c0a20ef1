"""What every pretrained encoder offers the networks of the zoo."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from torch import Tensor, nn

from photochrom.errors import RecipeError

__all__ = ["Encoder", "choose", "without"]

T = TypeVar("T")


class Encoder(Protocol):
    """Features of RGB or lightness at several strides, under the parameter names of its public weights.

    Attributes:
        channels: of the feature maps, the finest first.
    """

    channels: tuple[int, ...]

    def front(self, blocks: int) -> list[nn.Module]:
        """Returns the first ``blocks`` blocks, the stem included; everything, if there are not that many."""

    def accept(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Returns what this encoder keeps of the public weights."""


def choose(name: str, offered: Mapping[str, Callable[[], T]]) -> T:
    """Makes the encoder of that name, of those an architecture can be built on.

    Raises:
        RecipeError: it is none of them.
    """
    if name not in offered:
        raise RecipeError("architecture.unknown_encoder", name=name, choices=" or ".join(offered))
    return offered[name]()


def without(tensors: Mapping[str, Tensor], *prefixes: str) -> dict[str, Tensor]:
    """Tensors whose names do not begin with any of these."""
    return {name: tensor for name, tensor in tensors.items() if not name.startswith(prefixes)}
