"""A folder for a model hub: a network that colours whole photos, its card, and examples in several languages."""

import hashlib
from pathlib import Path
from string import Template

import onnx

from photochrom.errors import CheckpointError, OutputExistsError, WriteError
from photochrom.registry import Model, find_model
from photochrom.system.atomic import write_whole
from photochrom.training.export.whole_photo import build_whole_photo

__all__ = ["export_hub"]

_TEXTS = Path(__file__).with_name("hub")
#: where each text goes
_PLACES = {
    "README.md": "README.md",
    "colorize_onnxruntime.py": "examples/colorize_onnxruntime.py",
    "colorize_openvino.py": "examples/colorize_openvino.py",
    "colorize.mjs": "examples/colorize.mjs",
    "Program.cs": "examples/csharp/Program.cs",
    "photochrom.csproj": "examples/csharp/photochrom.csproj",
    "config.pbtxt": "examples/triton/photochrom/config.pbtxt",
}


def export_hub(network: str | Path, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Writes a folder that can be pushed to a model hub as it is.

    Args:
        network: a name of :func:`photochrom.list_models`, or a weights file.
        folder: where to.
        overwrite: whether files that are there may be replaced.

    Returns:
        The folder.

    Raises:
        ModelError: the network is not known.
        CheckpointError: it takes a code, so a photo alone does not say what it answers.
        OutputExistsError: the folder is there and holds files, and ``overwrite`` is not set.
        WriteError: it cannot be written.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())) and not overwrite:
        raise OutputExistsError("export.output_exists", path=folder)
    model = find_model(network)
    if "z" in model.card.inputs:
        raise CheckpointError("export.hub_takes_code", model=model.card.name)
    graph = onnx.load_from_string(model.data)
    data = build_whole_photo(graph, model.card).SerializeToString()
    fields = _describe(model, data, graph.opset_import[0].version)
    files = {"model.onnx": data}
    for name, place in _PLACES.items():
        text = (_TEXTS / f"{name}.txt").read_text(encoding="utf-8")
        files[place] = (Template(text).substitute(fields) if name == "README.md" else text).encode()
    for place, content in files.items():
        path = folder / place
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WriteError("batch.folder_unwritable", path=path.parent, reason=error.strerror) from error
        write_whole(path, content, overwrite=overwrite)
    return folder


def _describe(model: Model, data: bytes, opset: int) -> dict[str, str]:
    card = model.card
    rows = [f"| {name} | {value:g} |" for name, value in sorted(card.scores.items())]
    return {
        "name": card.name,
        # stars would be read as emphasis
        "description": card.description.replace("*", "\\*"),
        "version": card.version,
        "architecture": card.architecture,
        "parameters": f"{card.parameters / 1e6:.1f} million",
        "license": card.license,
        "megabytes": f"{len(data) / 1e6:.1f}",
        "opset": str(opset),
        "sha256": hashlib.sha256(data).hexdigest(),
        "sizes": " and ".join(str(size) for size in sorted(card.sizes)),
        "training_data": card.training_data.rstrip(".") + ".",
        "samples": f"{card.samples:,}",
        "scores": "\n".join(["| measure | figure |", "|---|---|", *rows]) if rows else "No scores are in its file.",
    }
