"""Checkpoints: written whole or not at all, read strictly, and turned back into networks."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.plugins.io import CheckpointIO
from torch import Tensor, nn

from photochrom.errors import CheckpointError, RecipeError
from photochrom.models.registry import ColorClasses, build
from photochrom.system.atomic import write_whole

__all__ = ["CheckpointFiles", "description", "load_checkpoint", "network_tensors", "restore_network", "save_checkpoint"]

FORMAT = 1
#: what a checkpoint of ours says of itself stands under this key
KEY = "photochrom"
#: parts that weights may lack
LATER = ("likeness.", "attention.", "render_head.")


class CheckpointFiles(CheckpointIO):
    """Lightning's checkpoints through the two functions below."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Writes a checkpoint."""
        save_checkpoint(checkpoint, Path(path))

    def load_checkpoint(self, path: Any, map_location: Any = None, weights_only: bool | None = None) -> dict[str, Any]:
        """Reads a checkpoint, onto the CPU; Lightning moves it on."""
        return load_checkpoint(Path(path))

    def remove_checkpoint(self, path: Any) -> None:
        """Deletes a checkpoint."""
        Path(path).unlink(missing_ok=True)


def description(architecture: str, *, tiny: bool, options: Mapping[str, Any], recipe: str) -> dict[str, Any]:
    """Returns what a checkpoint says of itself: enough to build its network again."""
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in options.items()}
    return {"format": FORMAT, "architecture": architecture, "tiny": tiny, "options": plain, "recipe": recipe}


def save_checkpoint(checkpoint: Mapping[str, Any], path: Path) -> None:
    """Writes a checkpoint.

    Raises:
        WriteError: the file cannot be written.
    """
    content = io.BytesIO()
    torch.save(dict(checkpoint), content)
    write_whole(path, content.getvalue(), overwrite=True)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Reads a checkpoint of ours. Only data is read: no code in the file is ever run.

    Raises:
        CheckpointError: it is missing, cut, altered, or not one of ours.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            # torch does not compare the checksums it writes
            broken = archive.testzip()
        checkpoint = None if broken else torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError("checkpoint.missing", path=path) from error
    except Exception as error:  # a damaged archive raises whatever its damage leads to
        raise CheckpointError("checkpoint.damaged", path=path) from error
    if checkpoint is None:
        raise CheckpointError("checkpoint.damaged", path=path)
    if not isinstance(checkpoint, dict) or not isinstance(checkpoint.get(KEY), dict):
        raise CheckpointError("checkpoint.foreign", path=path)
    if checkpoint[KEY].get("format") != FORMAT:
        raise CheckpointError("checkpoint.unknown_format", path=path)
    return checkpoint


def network_tensors(checkpoint: Mapping[str, Any], *, averaged: bool = True) -> dict[str, Tensor]:
    """Returns the network's own tensors in a checkpoint: the moving average if there is one and it is wanted."""
    state: Mapping[str, Tensor] = checkpoint.get("state_dict", {})
    for prefix in ("averaged.", "network.") if averaged else ("network.",):
        tensors = {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
        if tensors:
            return tensors
    return {}


def restore_network(checkpoint: Mapping[str, Any], *, averaged: bool = True) -> nn.Module:
    """Builds the network a checkpoint describes and gives it its weights.

    Raises:
        CheckpointError: they do not fit together.
    """
    about, tensors = checkpoint[KEY], network_tensors(checkpoint, averaged=averaged)
    try:
        options = {key: tuple(value) if isinstance(value, list) else value for key, value in about["options"].items()}
        classes = ColorClasses(tensors["bins"], tensors["log_weight"].exp()) if "bins" in tensors else None
        network = build(about["architecture"], classes=classes, tiny=about["tiny"], options=options)
    except (KeyError, TypeError, AttributeError, RecipeError) as error:
        raise CheckpointError("checkpoint.undescribed") from error
    load_strictly(network, tensors, "The checkpoint")
    return network


def load_strictly(network: nn.Module, tensors: Mapping[str, Tensor], source: str) -> None:
    """Gives a network its tensors, every one of them and no other.

    Weights from before networks had a likeness, an attention path or a render head leave theirs as it is made, which is
    untaught.

    Raises:
        CheckpointError: a tensor is missing, unknown or of another shape; the message names the first.
    """
    own = network.state_dict()
    for part in LATER:
        if not any(name.startswith(part) for name in tensors):
            tensors = {**tensors, **{name: tensor for name, tensor in own.items() if name.startswith(part)}}
    missing, unknown = sorted(own.keys() - tensors.keys()), sorted(tensors.keys() - own.keys())
    other = sorted(name for name in own.keys() & tensors.keys() if own[name].shape != tensors[name].shape)
    if missing:
        raise CheckpointError("checkpoint.tensor_missing", source=source, tensor=missing[0])
    if unknown:
        raise CheckpointError("checkpoint.tensor_unknown", source=source, tensor=unknown[0])
    if other:
        raise CheckpointError("checkpoint.tensor_shape", source=source, tensor=other[0])
    network.load_state_dict({name: tensor.to(own[name].dtype) for name, tensor in tensors.items()})
