"""A frozen encoder asked once: what ``data.cache: features`` means for a training."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import Progress
from torch import Tensor

from photochrom.datasets.sources.photo_set import Photos
from photochrom.errors import RecipeError
from photochrom.training.data.feature_cache import FeatureSource, store_features
from photochrom.training.schema import Recipe
from photochrom.training.validation import most_common

__all__ = ["keep_features"]


def keep_features(
    network: Any, recipe: Recipe, photos: Photos, mark: str, *, progress: bool
) -> Callable[[Path], None] | None:
    """Returns what stores the features of a network's frozen encoder; None where the recipe does not ask for that.

    Args:
        network: what learns; what does not learn of it has been frozen.
        recipe: of the training.
        photos: to train on.
        mark: their fingerprint.
        progress: show a bar at a terminal.

    Raises:
        RecipeError: the network has no encoder that can be asked apart from the rest, or it learns.
    """
    if recipe.data.cache != "features":
        return None
    if not hasattr(network, "see"):
        raise RecipeError("recipe.features_unsupported", architecture=recipe.network.architecture)
    if any(p.requires_grad for p in network.encoder.parameters()):
        raise RecipeError("recipe.features_encoder_learns")
    half = recipe.run.precision != "32-true"
    device = torch.device("cuda" if recipe.run.accelerator in ("auto", "gpu") and torch.cuda.is_available() else "cpu")

    def see(lightness: Tensor) -> tuple[Tensor, ...]:
        lightness = lightness.to(device).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=half):
            found: tuple[Tensor, ...] = network.see(lightness)
        return found

    def store(folder: Path) -> None:
        source = FeatureSource(mark, _digest(network.encoder), most_common(recipe.data.batches), network.output_stride)
        training = network.training
        network.eval().to(device)
        console = Console(stderr=True)
        with Progress(console=console, disable=not (progress and console.is_terminal)) as bar:
            task = bar.add_task("storing features", total=len(photos))
            store_features(
                folder, photos, see, source, said=lambda done, total: bar.update(task, completed=done, total=total)
            )
        network.train(training).cpu()

    return store


def _digest(encoder: Any) -> str:
    """Returns the SHA-256 of all weights and buffers."""
    found = hashlib.sha256()
    for name, tensor in sorted(encoder.state_dict().items()):
        found.update(name.encode() + tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()
