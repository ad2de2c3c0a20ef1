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

__all__ = ["TAKEN", "KeptShots", "put_back"]

_KEPT = "kept"
#: a file beside a run's folder: the name under which the shots in it were kept
TAKEN = "taken"


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
            found = list(self._kept.iterdir())
            # before they are moved: killed in between, they are not lost
            (work.parent / TAKEN).write_text(self._kept.name, encoding="ascii")
            for path in found:
                path.rename(work / path.name)
            self._kept.rmdir()

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


def put_back(storage: Storage, client: str, video: str, work: Path) -> None:
    """Puts back what a run took along that did not come to its end, unless another run has left its own meanwhile.

    Args:
        storage: where the video lies.
        client: whose it is.
        video: its id.
        work: the run's folder, which is gone afterwards if it held such shots.
    """
    note, folder = work.parent / TAKEN, video_folder(client, video)
    if not storage.is_local or not storage.exists(f"{folder}/{RECORD}"):
        return
    with suppress(OSError):
        kept = storage.folder(folder) / _KEPT / note.read_text(encoding="ascii")
        if storage.names(f"{folder}/{_KEPT}"):
            return
        kept.parent.mkdir(exist_ok=True)
        work.rename(kept)
