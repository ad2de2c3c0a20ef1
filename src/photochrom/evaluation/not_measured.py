"""What a report does not measure, said in so many words."""

from collections.abc import Sequence
from pathlib import Path

from photochrom.evaluation.inputs.predictions import Outputs
from photochrom.evaluation.inputs.systems import System
from photochrom.evaluation.onnx_metrics import Judges
from photochrom.evaluation.results.schema import DataSet, Entry, Skipped

__all__ = ["name_skipped"]


def name_skipped(
    systems: Sequence[System], entries: Sequence[Entry], judges: Judges, data: DataSet, *, limited: bool
) -> list[Skipped]:
    """What was not measured, and why.

    Args:
        systems: what was scored.
        entries: what came of it.
        judges: networks to measure with.
        data: the photos.
        limited: not all photos were looked at, so pictures of the others are expected in a folder of outputs.
    """
    found = []
    for what, role in (("class agreement", "classifier"), ("Fréchet distance", "features"), ("LPIPS", "lpips")):
        if role not in judges.named():
            found.append(Skipped(what, f"no network for it was given: add --{role} FILE"))
    networks = {system.model: system for system in systems if system.card is not None}
    wanted = any(system.hints for system in systems)
    for name, system in networks.items():
        ours = [entry for entry in entries if entry.model == name]
        if wanted and not system.takes_hints:
            found.append(Skipped(f"PSNR against hints of {name}", "the network takes no hints"))
        if not any(entry.calibration for entry in ours):
            confident = system.card is not None and "confidence" in system.card.outputs
            why = "it speaks of vividness 0: add 0 to --vividness" if confident else "the network has no confidence"
            found.append(Skipped(f"calibration of {name}", why))
    found += [
        Skipped(f"{len(entry.left_out)} photos of {entry.label}", entry.left_out[0].reason)
        for entry in entries
        if entry.left_out
    ]
    for system in systems:
        if system.kind == "outputs" and not limited:
            photos = {photo.id for photo in data.photos} | {left_out.photo for left_out in data.left_out}
            strangers = Outputs(Path(system.source)).strangers(photos)
            if strangers:
                reason = f"no photo of the set has their names, '{strangers[0]}' for one"
                found.append(Skipped(f"{len(strangers)} pictures of {system.model}", reason))
    return found
