"""Finds the shots of stored videos beforehand, and keeps a still of each, on which options can be tried.

One video at a time is looked through in a thread of each process that answers. How far it is lies in the storage, so
that any process can tell; a scan that nobody has written of for a while is begun anew.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

from photochrom.errors import PhotochromError
from photochrom.web.errors import ApiError, answer_error, find_answer
from photochrom.web.jobs.shutdown import ENDING
from photochrom.web.limits import Limits
from photochrom.web.storage.store import Storage
from photochrom.web.storage.videos import VIDEO, video_folder

__all__ = ["ShotScanner"]

#: seconds between records of how far a scan is
_REPORT = 1.0
#: longest side of a still, pixels
_SIDE = 1280
#: stills of one video at most; of more shots, every second or third has one, and so on
_STILLS = 240
_log = logging.getLogger("photochrom.web")


class ShotScanner:
    """Scans the videos of one storage.

    Args:
        storage: where they lie.
        limits: how many frames one may have, and when a scan counts as lost.
    """

    def __init__(self, storage: Storage, limits: Limits) -> None:
        self._storage, self._limits = storage, limits
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="photochrom-shots")
        self._begun: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def find(self, client: str, id_: str) -> dict[str, Any]:
        """Returns what is known of the shots of a video, and begins to look for them where nobody does.

        Args:
            client: whose it is.
            id_: of a video that is there.

        Returns:
            ``progress`` 0..1, ``complete``, ``error`` and ``error_code`` or None, and ``shots``: a list of ``number``,
            ``time`` and ``seconds``, and ``still``, the second that its still shows.
        """
        known = self._storage.read_json(self._state(client, id_))
        lost = known is None or (not known["complete"] and time.time() - known["heard"] > self._limits.worker_timeout)
        with self._lock:
            if lost and (client, id_) not in self._begun:
                self._begun.add((client, id_))
                self._pool.submit(self._scan, client, id_)
        return known or _describe(0.0)

    def still(self, client: str, id_: str, number: int) -> bytes:
        """Returns the still of a shot, PNG. Raises ApiError where there is none."""
        try:
            return self._storage.read(f"{video_folder(client, id_)}/shots/{number}.png")
        except FileNotFoundError:
            raise ApiError("service.not_found", thing="shot") from None

    def close(self) -> None:
        """Begins no more scans."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _state(self, client: str, id_: str) -> str:
        return f"{video_folder(client, id_)}/shots.json"

    def _scan(self, client: str, id_: str) -> None:
        place = self._state(client, id_)
        try:
            shots = self._find_shots(client, id_)
            if shots is not None:
                self._storage.write_json(place, _describe(1.0, shots))
        except Exception as error:  # whatever it is, whoever asks for the shots is told
            answer = find_answer(error)
            if answer is None:
                _log.error("the shots of a video could not be found", exc_info=error)
                answer = answer_error(error if isinstance(error, PhotochromError) else ApiError("service.failed"))
            if self._is_there(client, id_):
                self._storage.write_json(place, _describe(1.0, (), str(answer.message), answer.code))
        finally:
            with self._lock:
                self._begun.discard((client, id_))

    def _find_shots(self, client: str, id_: str) -> list[dict[str, Any]] | None:
        from photochrom.video.media.probe import probe
        from photochrom.video.media.scan import scan_video
        from photochrom.video.stills import draw_stills

        video = probe(self._storage.local(f"{video_folder(client, id_)}/{VIDEO}"))
        total = video.declared_frames or round((video.declared_seconds or 0.0) * video.rate)
        watch = self._watch(client, id_, total)
        scan = scan_video(video, on_frame=watch)
        if scan is None:
            return None
        step = -(-len(scan.shots) // _STILLS)
        found: list[dict[str, Any]] = []
        for shot, image in draw_stills(video, scan, scan.shots[::step], max_size=_SIDE):
            stream = BytesIO()
            image.save(stream, "PNG", compress_level=1)
            if ENDING.is_set() or not self._is_there(client, id_):
                return None
            number = len(found)
            self._storage.write(f"{video_folder(client, id_)}/shots/{number}.png", stream.getvalue())
            found.append({"number": number, "time": shot.time, "seconds": shot.seconds, "still": shot.still})
        return found

    def _watch(self, client: str, id_: str, total: int) -> Callable[[int], bool]:
        reported = [0.0]

        def watch(count: int) -> bool:
            if count > self._limits.frames:
                raise ApiError("service.too_many_frames", limit=self._limits.frames)
            if time.monotonic() - reported[0] < _REPORT:
                return ENDING.is_set()
            reported[0] = time.monotonic()
            if not self._is_there(client, id_):
                return True
            progress = min(0.99, count / total) if total else 0.0
            self._storage.write_json(self._state(client, id_), _describe(progress, complete=False))
            return ENDING.is_set()

        return watch

    def _is_there(self, client: str, id_: str) -> bool:
        return self._storage.exists(f"{video_folder(client, id_)}/{VIDEO}")


def _describe(
    progress: float, shots: Any = (), error: str | None = None, code: str | None = None, *, complete: bool | None = None
) -> dict[str, Any]:
    done = progress >= 1.0 if complete is None else complete
    known = {"progress": progress, "complete": done, "error": error, "error_code": code, "shots": list(shots)}
    return known | {"heard": time.time()}
