"""Which networks there are, where their weights lie, and the card each file carries.

A weights file is one ONNX graph with its card, a JSON object, in the metadata under ``photochrom.card``. The card holds
the file's own SHA-256, taken with those 64 digits set to zero, so that a cut or altered file is known before it is run.
``weights/catalog.toml`` names every network with a name, with the SHA-256 of the whole file. The default's file is
inside the package; the older systems' lie in ``zoo/`` of a checkout, or in the folder ``PHOTOCHROM_MODEL_DIR`` names.
"""

import dataclasses
import difflib
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from photochrom.deprecations import GRAPH_NAMES, read_environment
from photochrom.errors import CorruptWeightsError, UnknownModelError

__all__ = [
    "CARD_FORMAT",
    "CARD_KEY",
    "DEFAULT_MODEL",
    "Model",
    "ModelCard",
    "find_model",
    "list_models",
    "model_names",
    "seal",
]

DEFAULT_MODEL = "photochrom_fast"
CARD_KEY = "photochrom.card"
CARD_FORMAT = 1
#: stands for the checksum while it is taken
BLANK = "0" * 64
WEIGHTS = Path(__file__).with_name("weights")
#: of a checkout; where there is none, the folder above the package is not ours and holds no such files
ZOO = Path(__file__).parents[2] / "zoo"


@dataclass(frozen=True)
class ModelCard:
    """What a weights file says about itself."""

    format: int
    name: str
    version: str
    description: str
    architecture: str
    license: str
    training_data: str
    #: height and width of the network's input are multiples of this
    stride: int
    #: input pixels to one cell of the output
    output_stride: int
    inputs: list[str]
    outputs: list[str]
    #: short sides the network sees the picture at, pixels; its answers are averaged
    sizes: list[int]
    #: [temperature, prior correction] at vividness 0, 1 and 2, and behind them, for a network with a render head, how
    #: far its picture takes the mean's place; empty for a network without a distribution
    vividness: list[list[float]]
    #: centres of the colour bins, (Q,2) a*b*; empty for a network without a distribution
    bins: list[list[float]]
    parameters: int
    #: training photos seen, with repetition
    samples: int
    #: what was measured, by name
    scores: dict[str, float]
    #: of the file, with these digits zero
    sha256: str

    @classmethod
    def from_json(cls, entries: Any, where: str) -> "ModelCard":
        """Checks a card strictly: every field there, none unknown, each of its type.

        Raises:
            CorruptWeightsError: something is missing, unknown or of another type; ``where`` names the file.
        """
        fields = {field.name: field for field in dataclasses.fields(cls)}
        if not isinstance(entries, Mapping):
            raise CorruptWeightsError("model.card_type", path=where)
        if entries.get("format") != CARD_FORMAT:
            raise CorruptWeightsError(
                "model.card_format", path=where, format=repr(entries.get("format")), expected=CARD_FORMAT
            )
        wrong = sorted(set(fields) ^ set(entries))
        wrong += sorted(name for name in set(fields) & set(entries) if not _fits(entries[name], fields[name].type))
        if not wrong:
            numbers = 3 if "render" in entries["inputs"] else 2
            wrong += ["vividness"] * any(len(row) != numbers for row in entries["vividness"])
            wrong += ["bins"] * any(len(row) != 2 for row in entries["bins"])
        if wrong or min(entries["stride"], entries["output_stride"], *entries["sizes"] or [0]) < 1:
            raise CorruptWeightsError("model.card_fields", path=where, fields=", ".join(wrong) or "sizes")
        return cls(**entries)

    @property
    def graph_names(self) -> Mapping[str, str]:
        """What inputs and outputs are called in a graph that has old names: new name -> old name."""
        listed = {*self.inputs, *self.outputs}
        return {new: old for new, old in GRAPH_NAMES.items() if old in listed}

    def renamed(self) -> "ModelCard":
        """Returns the card with today's names of inputs and outputs."""
        today = {old: new for new, old in GRAPH_NAMES.items()}
        return dataclasses.replace(
            self,
            inputs=[today.get(name, name) for name in self.inputs],
            outputs=[today.get(name, name) for name in self.outputs],
        )


def _fits(value: Any, annotation: Any) -> bool:
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if annotation is str:
        return isinstance(value, str)
    if annotation == dict[str, float]:
        return isinstance(value, dict) and all(isinstance(v, int | float) for v in value.values())
    if annotation == list[str]:
        return isinstance(value, list) and all(isinstance(v, str) for v in value)
    if annotation == list[int]:
        return isinstance(value, list) and all(_fits(v, int) for v in value)
    return isinstance(value, list) and all(
        isinstance(row, list) and len(row) in (2, 3) and all(isinstance(v, int | float) for v in row) for row in value
    )


@dataclass(frozen=True)
class Model:
    """A network found: its card and the bytes of its ONNX file, checked against each other."""

    card: ModelCard
    path: Path
    data: bytes = dataclasses.field(repr=False)
    #: what the graph calls inputs and outputs whose names have changed: new name -> old name
    graph_names: Mapping[str, str] = dataclasses.field(default_factory=dict)


@cache
def _catalog() -> dict[str, dict[str, str]]:
    with (WEIGHTS / "catalog.toml").open("rb") as file:
        return tomllib.load(file)


def _locate(file: str) -> Path | None:
    chosen = read_environment("PHOTOCHROM_MODEL_DIR")
    folders = [WEIGHTS, ZOO, *([Path(chosen).expanduser()] if chosen else [])]
    return next((folder / file for folder in folders if (folder / file).is_file()), None)


def model_names() -> list[str]:
    """Returns the names of the networks that are installed, as the catalog has them: the default first."""
    return [name for name, entry in _catalog().items() if _locate(entry["file"])]


def list_models() -> list[ModelCard]:
    """Returns the cards of the networks that are installed, the default first.

    >>> list_models()[0].name
    'photochrom_fast'
    """
    return [find_model(name).card for name in model_names()]


def find_model(name: str | Path = DEFAULT_MODEL) -> Model:
    """Finds a network by its name or its file, and checks it.

    Raises:
        UnknownModelError: there is neither.
        CorruptWeightsError: the file is cut, altered, or not one of ours.
    """
    entry = _catalog().get(str(name))
    path = _named_file(str(name), entry) if entry else Path(name)
    try:
        data = path.read_bytes()
    except OSError as error:
        if entry:
            raise CorruptWeightsError(
                "model.unreadable", name=str(name), reason=error.strerror or str(error)
            ) from error
        close = difflib.get_close_matches(str(name), _catalog(), n=1)
        if close:
            raise UnknownModelError("model.misspelled", name=str(name), suggestion=close[0]) from error
        raise UnknownModelError("model.unknown", name=str(name)) from error
    card = _read_card(data, str(path))
    whole = hashlib.sha256(data).hexdigest() == entry["sha256"] if entry else _digest(data, card.sha256) == card.sha256
    if not whole and entry:
        raise CorruptWeightsError("model.altered", path=path)
    if not whole:
        raise CorruptWeightsError("model.corrupt", path=path)
    return Model(card.renamed(), path, data, card.graph_names)


def _named_file(name: str, entry: Mapping[str, str]) -> Path:
    path = _locate(entry["file"])
    if path is None:
        source = entry.get("url") or "the zoo folder of a checkout"
        raise UnknownModelError("model.not_installed", name=name, file=entry["file"], source=source)
    return path


def _read_card(data: bytes, where: str) -> ModelCard:
    key = data.rfind(CARD_KEY.encode())
    start = data.find(b"{", key)
    if key < 0 or start < 0:
        raise CorruptWeightsError("model.card_missing", path=where)
    try:
        entries, _ = json.JSONDecoder().raw_decode(data[start:].decode("utf-8", errors="replace"))
    except (ValueError, RecursionError) as error:
        raise CorruptWeightsError("model.corrupt", path=where) from error
    return ModelCard.from_json(entries, where)


def _digest(data: bytes, stated: str) -> str:
    key = data.rfind(CARD_KEY.encode())
    digest = hashlib.sha256(memoryview(data)[:key])
    digest.update(data[key:].replace(stated.encode(), BLANK.encode(), 1))
    return digest.hexdigest()


def seal(data: bytes) -> bytes:
    """Writes the checksum into an ONNX file whose card has 64 zeros for ``sha256``.

    Raises:
        CorruptWeightsError: the file has no card, or its checksum is not blank.
    """
    key = data.rfind(CARD_KEY.encode())
    if key < 0 or data.find(BLANK.encode(), key) < 0:
        raise CorruptWeightsError("model.seal_blank")
    digest = hashlib.sha256(data).hexdigest()
    return data[:key] + data[key:].replace(BLANK.encode(), digest.encode(), 1)
