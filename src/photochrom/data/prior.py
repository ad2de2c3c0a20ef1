"""How often each colour occurs in the training photos, smoothed (Zhang, Isola & Efros, ECCV 2016, section 2.2)."""

import os
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from photochrom.data.augmentation import to_lab
from photochrom.data.encoding import SoftEncoder
from photochrom.data.photos import Photos, decode, fingerprint
from photochrom.data.samples import pool

__all__ = ["cache_folder", "color_prior", "measure_prior"]

#: photos are brought to this size before they are counted
SIZE = 128
#: standard deviation of the smoothing, a*b* units
SMOOTHING = 5.0


def cache_folder() -> Path:
    """Where measured priors are kept between runs: ``$XDG_CACHE_HOME/photochrom``, or ``~/.cache/photochrom``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photochrom"


def measure_prior(photos: Photos, bins: Tensor, *, limit: int) -> Tensor:
    """Count the colours of up to ``limit`` photos, evenly spread over the list.

    Args:
        photos: where they lie.
        bins: (Q,2) a*b* in Lab units.
        limit: photos at most.

    Returns:
        (Q,) float32, smoothed over neighbouring bins, sums to 1.

    Raises:
        DataError: a photo cannot be read.
    """
    encode = SoftEncoder(bins)
    counts = torch.zeros(len(bins), dtype=torch.float64)
    for index in np.linspace(0, len(photos) - 1, min(limit, len(photos)), dtype=int).tolist():
        image = decode(photos, index, at_least=SIZE).resize((SIZE, SIZE))
        ab = torch.from_numpy(pool(to_lab(np.asarray(image))[1:], 4)).flatten(1).T
        found, weights = encode(ab)
        counts.index_add_(0, found.flatten(), weights.flatten().double())
    kernel = torch.exp(-0.5 * (torch.cdist(bins.double(), bins.double()) / SMOOTHING).square())
    smoothed = (kernel / kernel.sum(0)) @ counts
    return (smoothed / smoothed.sum()).float()


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
