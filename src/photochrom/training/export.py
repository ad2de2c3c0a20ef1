"""A trained network to one ONNX file with its card, checked before it is put in place."""

import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import onnx
import yaml
from torch import nn

from photochrom.errors import CheckpointError, OutputExistsError, RecipeError, WriteError
from photochrom.training.atomic import write_whole
from photochrom.training.card import CardText, card_bytes, load_model
from photochrom.training.checkpoint import KEY, load_checkpoint, restore_network
from photochrom.training.compact import store_half, strip_notes
from photochrom.training.graph import INPUTS, IR_VERSION, OUTPUTS, DistributionNetwork, trace
from photochrom.training.mixing import mix, read_network_tensors
from photochrom.training.recipe import read_card_text

__all__ = ["export_checkpoint", "export_network"]


def export_network(
    network: nn.Module,
    path: Path,
    card: CardText,
    *,
    architecture: str,
    samples: int = 0,
    half: bool = True,
    overwrite: bool = False,
) -> Path:
    """Write a network as one ONNX file.

    The graph takes ``lightness`` (N,1,H,W) L*, ``hints`` (N,3,H/4,W/4), ``temperature`` and ``correction`` (scalars),
    all float32, H and W multiples of the network's stride, and gives ``ab`` (N,2,H/4,W/4), ``confidence``
    (N,1,H/4,W/4) and ``probability`` (N,Q,H/4,W/4), the true distribution over the card's ``bins``.

    Args:
        network: a network of the zoo that gives a distribution over colours.
        path: where the file goes; it appears there whole or not at all.
        card: what the file says of itself.
        architecture: the network's name in the zoo's table.
        samples: photos the network has seen in training.
        half: store matrices in half precision.
        overwrite: replace a file that is there already.

    Raises:
        CheckpointError: the network cannot be exported, or its graph does not pass the ONNX checker.
        OutputExistsError: a file is there already.
        WriteError: the file cannot be written.
    """
    _refuse(path, overwrite=overwrite)
    if not isinstance(network, DistributionNetwork):
        raise CheckpointError(
            "This network gives no colour distribution, so it has no graph: export a photochrom network"
        )
    parameters = sum(parameter.numel() for parameter in network.parameters())
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.onnx"
        trace(network, raw)
        model = load_model(raw)
    strip_notes(model)
    if half:
        store_half(model)
    model.ir_version = min(model.ir_version, IR_VERSION)
    content = card_bytes(
        model,
        {
            **asdict(card),
            "vividness": [list(pair) for pair in card.vividness],
            "sizes": list(card.sizes),
            "architecture": architecture,
            "stride": network.stride,
            "output_stride": network.output_stride,
            "inputs": list(INPUTS),
            "outputs": list(OUTPUTS),
            "bins": network.bins.tolist(),
            "parameters": parameters,
            "samples": samples,
        },
    )
    try:
        onnx.checker.check_model(model, full_check=True)
    except onnx.checker.ValidationError as error:
        raise CheckpointError(
            f"The exported graph is not valid ONNX ({error}): update torch and export again"
        ) from error
    return write_whole(path, content, overwrite=overwrite)


def export_checkpoint(
    checkpoint: Path,
    path: Path,
    *,
    fields: Mapping[str, Any] | None = None,
    card_file: Path | None = None,
    mix_with: Path | None = None,
    share: float = 0.5,
    overwrite: bool = False,
) -> Path:
    """Write a checkpoint's network as one ONNX file; its card says what its recipe says, unless told otherwise.

    Args:
        checkpoint: what a training wrote.
        path: where the file goes.
        fields: of :class:`~photochrom.training.card.CardText`, over everything else.
        card_file: YAML with such fields, over the recipe's.
        mix_with: weights this training started from, or that share its start; see :mod:`photochrom.training.mixing`.
        share: of those in the mean.
        overwrite: replace a file that is there already.

    Raises:
        CheckpointError: the checkpoint cannot be read or exported.
        OptionError: the share is not in 0..1.
        OutputExistsError: a file is there already.
        RecipeError: the card file cannot be read, or has a field no card has.
        WriteError: the file cannot be written.
    """
    _refuse(path, overwrite=overwrite)
    read = load_checkpoint(checkpoint)
    about = read[KEY]
    try:
        recipe = yaml.safe_load(about["recipe"])
        written = {key: recipe[key] for key in ("name", "description", "license", "training_data")}
    except (KeyError, TypeError, yaml.YAMLError) as error:
        raise CheckpointError(f"'{checkpoint}' does not hold its recipe: take another one or train again") from error
    scores = {name: round(float(score), 4) for name, score in read.get("scores", {}).items()}
    entries = {**written, "scores": scores, **(_card_file(card_file) if card_file else {}), **(fields or {})}
    network = restore_network(read)
    if mix_with is not None:
        mix(network, read_network_tensors(mix_with), share, source=f"'{mix_with}'")
    return export_network(
        network,
        path,
        read_card_text(entries),
        architecture=str(about["architecture"]),
        samples=int(read.get("samples", 0)),
        overwrite=overwrite,
    )


def _card_file(path: Path) -> dict[str, Any]:
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise RecipeError(f"'{path}' is no readable YAML: check the path and the text") from error
    if not isinstance(entries, dict):
        raise RecipeError(f"'{path}' is no mapping of card fields to values: begin it with  name: NAME")
    return entries


def _refuse(path: Path, *, overwrite: bool) -> None:
    # before minutes are spent; writing checks again
    if path.exists() and not overwrite:
        raise OutputExistsError(f"'{path}' exists already: choose another name, or allow it with --overwrite")
    if not path.parent.is_dir():
        raise WriteError(f"'{path}' cannot be written, there is no such folder: make it first")
