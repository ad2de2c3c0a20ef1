"""A trained network to one ONNX file with its card, checked before it is put in place."""

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import onnx
import yaml
from torch import nn

from photochrom.deprecations import renamed_keywords
from photochrom.errors import CheckpointError, OutputExistsError, WriteError
from photochrom.system.atomic import write_whole
from photochrom.training.checkpoints.initialize import architecture_of, read_network, read_network_tensors, samples_of
from photochrom.training.checkpoints.io import KEY, load_checkpoint, restore_network
from photochrom.training.export.compress import store_half, store_int8, strip_notes
from photochrom.training.export.ensemble import join_networks
from photochrom.training.export.graph import IR_VERSION, choose_graph, trace
from photochrom.training.export.model_card import (
    DEFAULT_RENDER_VIVIDNESS,
    DEFAULT_VIVIDNESS,
    CardText,
    card_bytes,
    load_model,
)
from photochrom.training.export.weight_average import average_weights
from photochrom.training.recipe import read_card_text

__all__ = ["export_checkpoint", "export_network"]


@renamed_keywords("export_network")
def export_network(
    network: nn.Module,
    path: Path,
    card: CardText,
    *,
    architecture: str,
    samples: int = 0,
    weight_format: Literal["float32", "half", "int8"] = "half",
    overwrite: bool = False,
) -> Path:
    """Writes a network as one ONNX file.

    The graph takes ``lightness`` (N,1,H,W) L*, H and W multiples of the network's stride s, and gives ``ab``
    (N,2,H/o,W/o) with o its output stride, all float32. A network with a distribution also takes ``temperature`` and
    ``correction`` (scalars), ``bin_bias`` (Q,), and ``hints`` (N,3,H/o,W/o) if it knows them,
    with ``hint_coverage`` (a scalar, :func:`photochrom.inference.hint_plane.hint_coverage`) if it believes them by
    that, and ``render`` (a scalar: 0 for the mean, 1 for the picture) if it has a render head. It gives ``confidence``
    (N,1,H/o,W/o) and ``probability`` (N,Q,H/o,W/o), the true distribution over the card's ``bins``. If it also tells
    what its encoder sees and what belongs together, it gives that distribution's ``uncertainty`` (N,1,H/o,W/o),
    ``features`` (N,C,H/16,W/16) and ``affinity`` (N,C',H/o,W/o). A variational one takes
    a code ``z`` (N,Z).

    Args:
        network: a network of the zoo.
        path: where the file goes; it appears there whole or not at all.
        card: what the file says of itself.
        architecture: the network's name in the zoo's table.
        samples: photos the network has seen in training.
        weight_format: of matrices: ``float32``, ``half``, or ``int8`` with a scale per output channel.
        overwrite: replace a file that is there already.

    Raises:
        CheckpointError: the network cannot be exported, or its graph does not pass the ONNX checker.
        OutputExistsError: a file is there already.
        WriteError: the file cannot be written.
    """
    _check_output(path, overwrite=overwrite)
    own: Any = network
    graph = choose_graph(network)
    has_distribution = "probability" in graph.outputs
    default = DEFAULT_RENDER_VIVIDNESS if "render" in graph.inputs else DEFAULT_VIVIDNESS
    parameters = sum(parameter.numel() for parameter in network.parameters())
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.onnx"
        trace(graph, raw)
        model = load_model(raw)
    strip_notes(model)
    if weight_format == "int8":
        store_int8(model)
    if weight_format != "float32":
        store_half(model)
    model.ir_version = min(model.ir_version, IR_VERSION)
    content = card_bytes(
        model,
        {
            **asdict(card),
            "vividness": [list(row) for row in card.vividness or default] if has_distribution else [],
            "sizes": list(card.sizes),
            "architecture": architecture,
            "stride": own.stride,
            "output_stride": own.output_stride,
            "inputs": list(graph.inputs),
            "outputs": list(graph.outputs),
            "bins": own.bins.tolist() if has_distribution else [],
            "parameters": parameters,
            "samples": samples,
        },
    )
    try:
        onnx.checker.check_model(model, full_check=True)
    except onnx.checker.ValidationError as error:
        raise CheckpointError("export.invalid_graph", reason=str(error)) from error
    return write_whole(path, content, overwrite=overwrite)


@renamed_keywords("export_checkpoint")
def export_checkpoint(
    checkpoint: Path,
    path: Path,
    *,
    fields: Mapping[str, Any] | None = None,
    average_with: Path | None = None,
    alpha: float = 0.5,
    ensemble: Path | None = None,
    ensemble_weight: float = 0.5,
    ensemble_weight_hinted: float | None = None,
    half_resolution: bool = False,
    ensemble_scale: float = 1.0,
    weight_format: Literal["float32", "half", "int8"] = "half",
    overwrite: bool = False,
) -> Path:
    """Writes a network as one ONNX file; its card says what its recipe says, unless told otherwise.

    Args:
        checkpoint: what a training wrote, or weights (safetensors) whose metadata name their architecture, which have
            no recipe: their card is what ``fields`` say.
        path: where the file goes.
        fields: of :class:`~photochrom.training.export.model_card.CardText`, over everything else.
        average_with: weights this training started from, or that share its start; see
            :mod:`photochrom.training.export.weight_average`.
        alpha: weight of those in the mean, 0..1.
        ensemble: another network's checkpoint or weights: the file then holds both, and answers for both.
        ensemble_weight: of that one in the answer, between 0 and 1.
        ensemble_weight_hinted: the same where many hints are given; None for the same.
        half_resolution: with ``ensemble``, the network of the checkpoint also reads the image at half its size.
        ensemble_scale: with ``ensemble``, the other sees the image enlarged by this factor, 1 to 2.
        weight_format: of matrices; see :func:`export_network`.
        overwrite: replace a file that is there already.

    Raises:
        CheckpointError: the checkpoint cannot be read or exported.
        OptionError: a weight is out of range.
        OutputExistsError: a file is there already.
        RecipeError: a field is not one that cards have.
        WriteError: the file cannot be written.
    """
    _check_output(path, overwrite=overwrite)
    found = _load_network(checkpoint)
    entries = {**found.entries, **(fields or {})}
    network = found.network
    if average_with is not None:
        average_weights(network, read_network_tensors(average_with), alpha, source=f"'{average_with}'")
    architecture = found.architecture
    if ensemble is not None:
        other = _load_network(ensemble)
        network = join_networks(
            network,
            other.network,
            ensemble_weight,
            weight_hinted=ensemble_weight_hinted,
            half_resolution=half_resolution,
            scale=ensemble_scale,
            source=f"'{ensemble}'",
        )
        architecture += f", {other.architecture}"
    return export_network(
        network,
        path,
        read_card_text(entries),
        architecture=architecture,
        samples=found.samples,
        weight_format=weight_format,
        overwrite=overwrite,
    )


@dataclass(frozen=True, eq=False)
class _StoredNetwork:
    """A network from a file, and what is known of it."""

    network: nn.Module
    architecture: str
    entries: Mapping[str, Any]
    samples: int = 0


def _load_network(path: Path) -> _StoredNetwork:
    """Returns a network from a file; one whose metadata name its architecture has no recipe."""
    if path.suffix != ".ckpt":
        name = architecture_of(path)
        return _StoredNetwork(read_network(path), name, {"name": name}, samples_of(path))
    read = load_checkpoint(path)
    about = read[KEY]
    try:
        recipe = yaml.safe_load(about["recipe"])
        written = {key: recipe[key] for key in ("name", "description", "license", "training_data")}
    except (KeyError, TypeError, yaml.YAMLError) as error:
        raise CheckpointError("checkpoint.recipe_missing", path=path) from error
    scores = {name: round(float(score), 4) for name, score in read.get("scores", {}).items()}
    entries = {**written, "scores": scores}
    return _StoredNetwork(restore_network(read), str(about["architecture"]), entries, int(read.get("samples", 0)))


def _check_output(path: Path, *, overwrite: bool) -> None:
    # before minutes are spent; writing checks again
    if path.exists() and not overwrite:
        raise OutputExistsError("export.output_exists", path=path)
    if not path.parent.is_dir():
        raise WriteError("export.folder_missing", path=path)
