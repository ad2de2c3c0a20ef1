"""Where that is kept between runs which takes long to find out."""

import os
from pathlib import Path

__all__ = ["cache_folder"]


def cache_folder() -> Path:
    """Priors and lists of shards: ``$XDG_CACHE_HOME/photochrom``, or ``~/.cache/photochrom``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photochrom"
