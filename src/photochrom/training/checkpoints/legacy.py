"""Weights of the prototype network, under today's parameter names.

The prototype was written with short names; the shapes and the meaning of every tensor are those of
:class:`~photochrom.models.photochrom_fast.HintUNet`. It brings its own bins and the prior it was trained under.
"""

from collections.abc import Mapping

from torch import Tensor

from photochrom.errors import CheckpointError
from photochrom.training.losses.class_rebalancing import class_weight

__all__ = ["PROTOTYPE_PREFIXES", "is_prototype", "rename_prototype"]

#: first part of a parameter's name: then and now
PROTOTYPE_PREFIXES = {
    "enc": "encoder",
    "g": "context",
    "c5": "squeeze",
    "d5": "d32",
    "d4": "d16",
    "d3": "d8",
    "d2": "d4",
    "out": "classifier",
    "h4": "hints.s4",
    "h8": "hints.s8",
    "h16": "hints.s16",
    "h32": "hints.s32",
    "i5": "inject32",
    "i4": "inject16",
    "i3": "inject8",
    "i2": "inject4",
}


def is_prototype(tensors: Mapping[str, Tensor]) -> bool:
    """Returns whether these tensors are a prototype's."""
    return {"prior", "bins", "out.weight"} <= tensors.keys()


def rename_prototype(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Gives each tensor today's name, and turns the prior into the class weight the network keeps.

    Raises:
        CheckpointError: a tensor has a name that no prototype has.
    """
    renamed: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        first, _, rest = name.partition(".")
        if name == "bins":
            renamed["bins"] = tensor
        elif name == "prior":
            renamed["log_weight"] = class_weight(tensor).log()
        elif first in PROTOTYPE_PREFIXES:
            renamed[f"{PROTOTYPE_PREFIXES[first]}.{rest}"] = tensor
        else:
            raise CheckpointError("checkpoint.unknown_prototype_tensor", tensor=name)
    return renamed
