"""The prior over colours of a set of photos, measured once and kept."""

import os

import numpy as np
import torch
from torch import Tensor

from photochrom.color.fast_lab import bytes_to_lab, pool_cells
from photochrom.color.soft_bins import count_corners, smooth_counts
from photochrom.datasets.build.statistics import CELL, SIZE
from photochrom.datasets.sources.cache_dir import cache_folder
from photochrom.datasets.sources.photo_set import Photos, decode, fingerprint

__all__ = ["color_prior", "measure_prior"]


def measure_prior(photos: Photos, bins: Tensor, *, limit: int) -> Tensor:
    """Counts the colours of up to ``limit`` photos, evenly spread over the list.

    Args:
        photos: where they lie.
        bins: (Q,2) a*b* in Lab units.
        limit: photos at most.

    Returns:
        (Q,) float32, smoothed over neighbouring bins, sums to 1.

    Raises:
        DataError: a photo cannot be read.
    """
    counts = np.zeros(())
    for index in np.linspace(0, len(photos) - 1, min(limit, len(photos)), dtype=int).tolist():
        image = decode(photos, index, at_least=SIZE).resize((SIZE, SIZE))
        counts = counts + count_corners(pool_cells(bytes_to_lab(np.asarray(image))[1:], CELL))
    return torch.from_numpy(smooth_counts(counts, bins.cpu().numpy())).float()


def color_prior(photos: Photos, bins: Tensor, *, limit: int) -> Tensor:
    """As :func:`measure_prior`, remembered for this set of photos in the cache folder."""
    path = cache_folder() / f"prior-{fingerprint(photos)[:32]}-{limit}-{len(bins)}.npy"
    if path.is_file():
        try:
            kept = np.load(path)
        except (OSError, ValueError):
            kept = np.empty(0)
        if kept.shape == (len(bins),) and np.isfinite(kept).all():
            return torch.from_numpy(kept)
    prior = measure_prior(photos, bins, limit=limit)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.npy")
    np.save(temporary, prior.numpy())
    temporary.replace(path)
    return prior
