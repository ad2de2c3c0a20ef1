"""What is scored: networks, another program's predictions, the gray image itself and the truth itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from photochrom.deprecations import renamed_keywords
from photochrom.errors import OptionError
from photochrom.evaluation.inputs.predictions import Predictions
from photochrom.registry import DEFAULT_MODEL, ModelCard, find_model, model_names

__all__ = ["GRAY", "TRUTH", "System", "plan_systems"]

#: names that stand for no network
GRAY, TRUTH = "gray", "truth"


@dataclass(frozen=True)
class System:
    """One thing to score, at one vividness.

    Attributes:
        key: unique, safe as a file's name.
        model: its name for people.
        kind: what it is.
        source: a network's name or file, or a folder; "" for gray and truth.
        sha256: of the weights, as the card has it; of names, sizes and times for a folder; "" for gray and truth.
        vividness: None where that does not exist.
        calibrated: its confidence speaks of this very colour, so it is measured here.
        hints: numbers of hints to measure with it, at vividness 0 where it has one.
        card: of a network.
        bytes: of a network's file.
    """

    key: str
    model: str
    kind: Literal["network", "predictions", "gray", "truth"]
    source: str = ""
    sha256: str = ""
    vividness: float | None = None
    calibrated: bool = False
    hints: tuple[int, ...] = ()
    card: ModelCard | None = None
    bytes: int | None = None

    @property
    def takes_hints(self) -> bool:
        """Whether it is a network that takes hints."""
        return self.card is not None and "hints" in self.card.inputs


@renamed_keywords("plan_systems")
def plan_systems(
    models: Sequence[str | Path] = (DEFAULT_MODEL,),
    *,
    predictions: Sequence[str | Path] = (),
    vividness: Sequence[float] = (0.0, 1.0),
    hints: Sequence[int] = (),
) -> list[System]:
    """Lists what to score, gray first and the truth, if asked for, last.

    Args:
        models: names and files of networks; "all" for those that are installed, gray and truth.
        predictions: folders of images that other programs coloured.
        vividness: at which each network with a distribution is scored; one with a single answer is scored once.
        hints: numbers of hints to measure networks with.

    Raises:
        ModelError: a network cannot be used.
        EvaluationError: a folder cannot be used.
        OptionError: a number is out of its range.
    """
    if not vividness or not all(0 <= value <= 2 for value in vividness):
        raise OptionError("evaluation.vividness_out_of_range", value=_join(vividness))
    if not all(0 <= count <= 10_000 for count in hints):
        raise OptionError("evaluation.hints_out_of_range", value=_join(hints))
    names: list[str] = []
    for model in map(str, models):
        names += [*model_names(), TRUTH] if model == "all" else [model]
    systems = [System(GRAY, GRAY, "gray")]
    for name in dict.fromkeys(names):
        if name not in (GRAY, TRUTH):
            systems += _plan_network(name, sorted(set(vividness)), tuple(sorted(set(hints))))
    for folder in dict.fromkeys(map(str, predictions)):
        digest = Predictions(Path(folder)).fingerprint()
        title = Path(folder).resolve().name
        systems.append(System(_safe(title), title, "predictions", folder, digest))
    systems += [System(TRUTH, TRUTH, "truth")] if TRUTH in names else []
    return _unique(systems)


def _plan_network(name: str, vividness: Sequence[float], hints: tuple[int, ...]) -> list[System]:
    model = find_model(name)
    card = model.card
    unsure = bool(card.vividness)
    return [
        System(
            key=_safe(card.name if value is None else f"{card.name}-v{value:g}"),
            model=card.name,
            kind="network",
            source=name,
            sha256=card.sha256,
            vividness=value,
            calibrated="confidence" in card.outputs and not value,
            hints=hints if number == 0 and "hints" in card.inputs else (),
            card=card,
            bytes=len(model.data),
        )
        for number, value in enumerate(vividness if unsure else [None])
    ]


def _join(values: Sequence[float]) -> str:
    return ",".join(f"{value:g}" for value in values) or "empty"


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".")[:80] or "_"


def _unique(systems: Sequence[System]) -> list[System]:
    """Adds part of their checksum to systems whose keys or names are taken."""
    found: dict[str, System] = {}
    named: dict[str, str] = {}
    for system in systems:
        if named.setdefault(system.model, system.source) != system.source or system.key in found:
            mark = system.sha256[:8]
            system = System(**{**vars(system), "key": f"{system.key}-{mark}", "model": f"{system.model} ({mark})"})
        if system.key in found:
            raise OptionError("evaluation.system_given_twice", source=system.source)
        found[system.key] = system
    return list(found.values())
