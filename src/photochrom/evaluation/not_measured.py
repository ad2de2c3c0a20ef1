"""Lists what a report does not measure, and why."""

from collections.abc import Sequence
from pathlib import Path

from photochrom.evaluation.inputs.predictions import Predictions
from photochrom.evaluation.inputs.systems import System
from photochrom.evaluation.onnx_metrics import MetricNetworks
from photochrom.evaluation.results.schema import DataSet, Entry, Skipped

__all__ = ["list_skipped"]


def list_skipped(
    systems: Sequence[System], entries: Sequence[Entry], networks: MetricNetworks, data: DataSet, *, limited: bool
) -> list[Skipped]:
    """Lists what was not measured, and why.

    Args:
        systems: what was scored.
        entries: what came of it.
        networks: to measure with.
        data: the photos.
        limited: not all photos were looked at, so a folder of predictions may hold images of the others.
    """
    found = []
    for what, role in (("class agreement", "classifier"), ("Fréchet distance", "fid_features"), ("LPIPS", "lpips")):
        if role not in networks.by_role():
            found.append(Skipped(what, "No network to measure it with was given."))
    by_model = {system.model: system for system in systems if system.card is not None}
    wanted = any(system.hints for system in systems)
    for name, system in by_model.items():
        ours = [entry for entry in entries if entry.model == name]
        if wanted and not system.takes_hints:
            found.append(Skipped(f"PSNR against hints of {name}", "The network takes no hints."))
        if not any(entry.calibration for entry in ours):
            confident = system.card is not None and "confidence" in system.card.outputs
            why = (
                "Confidence is of vividness 0, which was not measured."
                if confident
                else "The network has no confidence."
            )
            found.append(Skipped(f"calibration of {name}", why))
    found += [
        Skipped(f"{len(entry.left_out)} photos of {entry.label}", entry.left_out[0].reason)
        for entry in entries
        if entry.left_out
    ]
    for system in systems:
        if system.kind == "predictions" and not limited:
            photos = {photo.id for photo in data.photos} | {left_out.photo for left_out in data.left_out}
            unmatched = Predictions(Path(system.source)).find_unmatched(photos)
            if unmatched:
                reason = f"No photo of the set has their names, such as '{unmatched[0]}'."
                found.append(Skipped(f"{len(unmatched)} images of {system.model}", reason))
    return found
