"""The card of an exported network: what it says of itself, and how that gets into its ONNX file.

:class:`photochrom.registry.ModelCard` says what a card holds and reads it back. It holds no date, so that the same
network gives the same file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import onnx
import yaml

from photochrom.errors import CheckpointError, RecipeError
from photochrom.registry import BLANK, CARD_FORMAT, CARD_KEY, ModelCard, seal
from photochrom.system.atomic import write_whole

__all__ = ["CardText", "card_bytes", "load_model", "read_card_file", "write_card"]

#: (temperature, correction) at vividness 0, 1 and 2, found by looking and measuring on the prototype
DEFAULT_VIVIDNESS = ((1.0, 0.0), (0.8, 0.3), (0.6, 0.7))
#: the same with a render head's share
DEFAULT_RENDER_VIVIDNESS = ((1.0, 0.0, 0.0), (1.0, 0.0, 1.0), (1.0, 0.3, 1.5))


@dataclass(frozen=True, kw_only=True)
class CardText:
    """The part of a card that a person writes; the rest is read off the network.

    Attributes:
        name: what ``--model`` calls it.
        version: of the weights.
        description: one or two sentences.
        license: SPDX identifier of the weights' licence.
        training_data: what it has seen, and what that forbids.
        sizes: short sides it sees a picture at, pixels; its answers are averaged.
        vividness: (temperature, correction) at vividness 0, 1 and 2; of a network with a render head (temperature,
            correction, render), with render 0 for the mean and 1 for the head's picture. Empty for the usual ones.
        scores: figure by name, such as ``{"psnr": 23.6}``.
    """

    name: str
    version: str = "1"
    description: str = ""
    license: str = "Apache-2.0"
    training_data: str = ""
    sizes: tuple[int, ...] = (256,)
    vividness: tuple[tuple[float, ...], ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)


def load_model(path: Path) -> Any:
    """Reads an ONNX file.

    Raises:
        CheckpointError: it is missing, or no ONNX file.
    """
    try:
        return onnx.load(path)
    except OSError as error:
        raise CheckpointError("export.model_unreadable", path=path, reason=error.strerror) from error
    except Exception as error:  # protobuf raises classes of its own, which differ between its versions
        raise CheckpointError("export.not_onnx", path=path) from error


def write_card(model_path: Path, card: Mapping[str, Any]) -> None:
    """Puts a card into an ONNX file, replacing the one it has, and seal the file with its checksum.

    Raises:
        CheckpointError: the file is missing, or no ONNX file.
        CorruptWeightsError: the card lacks a field, or has one of a wrong type.
        WriteError: the file cannot be written.
    """
    write_whole(model_path, card_bytes(load_model(model_path), card), overwrite=True)


def card_bytes(model: Any, card: Mapping[str, Any]) -> bytes:
    """Serialises a model with its card as the last thing in the file, sealed."""
    entries = {"format": CARD_FORMAT, **card, "sha256": BLANK}
    ModelCard.from_json(entries, "This graph")
    kept = [(entry.key, entry.value) for entry in model.metadata_props if entry.key != CARD_KEY]
    del model.metadata_props[:]
    for key, value in [*kept, (CARD_KEY, json.dumps(entries, sort_keys=True))]:
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    return seal(model.SerializeToString(deterministic=True))


def read_card_file(path: Path) -> dict[str, Any]:
    """Reads fields of a card from YAML.

    Raises:
        RecipeError: the file cannot be read, or is not a mapping.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise RecipeError("export.card_unreadable", path=path) from error
    if not isinstance(entries, dict):
        raise RecipeError("export.card_not_a_mapping", path=path)
    return entries
