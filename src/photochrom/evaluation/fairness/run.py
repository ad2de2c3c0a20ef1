"""Measures the faces of a set with the networks of an evaluation."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from photochrom.colorizer import Colorizer
from photochrom.errors import OptionError
from photochrom.evaluation.fairness.faces import FaceSystem, measure_faces
from photochrom.evaluation.inputs.protocol import Pixels
from photochrom.evaluation.inputs.systems import System
from photochrom.evaluation.results.schema import Evaluation

__all__ = ["add_faces"]


def add_faces(
    evaluation: Evaluation,
    systems: Sequence[System],
    data: str | Path,
    *,
    limit: int | None,
    jobs: int,
    device: str,
    on_face: Callable[[], None],
) -> Evaluation:
    """Adds what :mod:`photochrom.evaluation.fairness.faces` finds to an evaluation of the same set and split.

    Args:
        evaluation: of the set.
        systems: of which the networks are measured.
        data: a Parquet file of faces with labels.
        limit: only so many faces.
        jobs: faces at the same time.
        device: as :class:`photochrom.Colorizer` has it.
        on_face: called after each face.

    Raises:
        DataError, EvaluationError: the set has no labels, or no skin.
        OptionError: the systems hold no network.
    """
    networks = [system for system in systems if system.kind == "network"]
    if not networks:
        raise OptionError("evaluation.faces_need_network")
    opened = {system.source: Colorizer(system.source, device=device, threads=1) for system in networks}
    labels = {entry.key: entry.label for entry in evaluation.entries}
    found = measure_faces(
        Path(data).expanduser(),
        [
            FaceSystem(system.key, labels[system.key], _make_colorize(opened[system.source], system))
            for system in networks
        ],
        seed=evaluation.seed,
        split=evaluation.data.split,
        limit=limit,
        jobs=jobs,
        on_face=on_face,
    )
    return replace(evaluation, faces=asdict(found))


def _make_colorize(colorizer: Colorizer, system: System) -> Callable[[Pixels], Pixels]:
    vividness = 1.0 if system.vividness is None else system.vividness

    def colorize(gray: Pixels) -> Pixels:
        return np.asarray(colorizer(gray, vividness=vividness).picture.pages[0].pixels, np.uint8)

    return colorize
