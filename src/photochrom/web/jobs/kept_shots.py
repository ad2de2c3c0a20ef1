"""Keeps the coloured shots of a stored video between its runs, so that a run with other hints colours few of them anew.

A run that is done leaves its shots beside the video, under a name made of everything but hints and references. The next
run that is like it takes them along; of two that want them at once, one has them. They go when the video goes.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from photochrom.web.storage.store import Storage
from photochrom.web.storage.videos import RECORD, video_folder

__all__ = ["KeptShots"]

_KEPT = "kept"


class KeptShots:
    """The shots of one video and one way of colouring it. Only where the storage is a folder; else nothing is kept.

    Args:
        storage: where the video lies.
        client: whose it is.
        video: its id.
        way: all that must be the same for a shot to be used again, but for its hints.
    """

    def __init__(self, storage: Storage, client: str, video: str, way: Mapping[str, Any]) -> None:
        self._storage, self._video = storage, video_folder(client, video)
        digest = sha256(json.dumps(way, sort_keys=True).encode()).hexdigest()[:40]
        self._kept = storage.folder(self._video) / _KEPT / digest

    def take(self, work: Path) -> None:
        """Moves what is kept to where a run will work, unless that run was begun already.

        Args:
            work: a folder that may be empty, and of the same file system.
        """
        if not self._storage.is_local or any(work.iterdir()):
            return
        with suppress(OSError):
            for path in list(self._kept.iterdir()):
                path.rename(work / path.name)

    def give(self, work: Path, result: Path) -> None:
        """Keeps what a finished run leaves, in the place of what was kept of this video.

        Args:
            work: the run's folder, which is gone afterwards.
            result: the film in it, which is not kept.
        """
        if not self._storage.is_local or not self._storage.exists(f"{self._video}/{RECORD}"):
            return
        result.unlink(missing_ok=True)
        self._storage.remove(f"{self._video}/{_KEPT}")
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):
            work.rename(self._kept)
