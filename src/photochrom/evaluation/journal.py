"""Keeps what an evaluation has scored on disk, so that a stopped one goes on where it was.

``journal/KEY.jsonl`` in the report's folder, one file a system: a first line that says what was scored how, then one
line a photo. A first line that says something else means other numbers, so such a file is begun anew.
"""

import base64
import contextlib
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import OutputExistsError, WriteError
from photochrom.evaluation.results.schema import LeftOut
from photochrom.evaluation.score_photo import PhotoScore
from photochrom.system.locks import try_lock

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["FOLDER", "Journal", "PhotoOutcome"]

FOLDER = "journal"
_SUMS = ("seen", "credit", "made", "hues", "cast", "reliability", "features")


@dataclass(frozen=True, eq=False)
class PhotoOutcome:
    """The outcome of one photo with one system.

    Attributes:
        photo: its id.
        size: width and height of the truth, pixels; None where it could not be read.
        score: its figures; None where it was left out.
        seconds: the colouring took.
        hints: PSNR by number of hints.
        left_out: why, where it was.
        of_set: it was left out for what the photo is, not for what the system answered.
    """

    photo: str
    size: tuple[int, int] | None = None
    score: PhotoScore | None = None
    seconds: float | None = None
    hints: tuple[tuple[int, float], ...] = ()
    left_out: LeftOut | None = None
    of_set: bool = False


class Journal:
    """Records the outcomes of one system.

    Args:
        path: the file; its folder is created.
        conditions: what the numbers depend on.
        resume: keep what is there, if it was scored under the same conditions.

    Raises:
        WriteError: it cannot be written.
        OutputExistsError: another evaluation is writing it.
    """

    def __init__(self, path: Path, conditions: dict[str, Any], *, resume: bool) -> None:
        self._path = path
        self.done: dict[str, PhotoOutcome] = {}
        head = json.dumps({"conditions": conditions}, sort_keys=True)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+", encoding="utf-8", errors="backslashreplace")
            self._run_lock = _lock_journal(path)
            self._file.seek(0)
            lines = self._file.read().split("\n") if resume else []
            known = lines[1:] if lines and lines[0] == head else []
            # without the end of what a kill has cut
            whole = [line for line in known if self._take(line)]
            self._file.truncate(0)
            self._file.write("".join(f"{line}\n" for line in [head, *whole]))
            self._file.flush()
        except OSError as error:
            if hasattr(self, "_file"):
                self._file.close()
            if isinstance(error, OutputExistsError):
                raise
            raise _explain(path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._run_lock.release()

    def add(self, scored: PhotoOutcome) -> None:
        """Writes down one photo.

        Raises:
            WriteError: the disk is full, or gone.
        """
        self.done[scored.photo] = scored
        try:
            self._file.write(_to_line(scored) + "\n")
            self._file.flush()
        except OSError as error:
            raise _explain(self._path, error) from error

    def _take(self, line: str) -> bool:
        # lines that are cut or not ours say nothing
        with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError, zlib.error):
            scored = _from_line(line)
            self.done[scored.photo] = scored
            return True
        return False


def _explain(path: Path, error: OSError) -> WriteError:
    return WriteError("evaluation.journal_not_written", path=path, reason=error.strerror or "the system refused")


def _lock_journal(path: Path) -> "BaseFileLock":
    run_lock = try_lock(path.with_name(f"{path.name}.lock"))
    if run_lock is None:
        raise OutputExistsError("evaluation.journal_in_use", path=path)
    return run_lock


def _to_line(scored: PhotoOutcome) -> str:
    entry: dict[str, Any] = {"photo": scored.photo, "size": scored.size, "seconds": scored.seconds}
    entry["hints"] = scored.hints
    if scored.left_out is not None:
        entry["left_out"] = [scored.left_out.kind, scored.left_out.reason, scored.of_set]
    if scored.score is not None:
        entry["values"] = scored.score.values
        for name in _SUMS:
            entry[name] = _pack(getattr(scored.score, name))
    return json.dumps(entry)


def _from_line(line: str) -> PhotoOutcome:
    entry = json.loads(line)
    score = None
    if "values" in entry:
        score = PhotoScore(entry["values"], *(_unpack(entry[name]) for name in _SUMS))
    left_out = entry.get("left_out")
    return PhotoOutcome(
        photo=entry["photo"],
        size=None if entry["size"] is None else (entry["size"][0], entry["size"][1]),
        score=score,
        seconds=entry["seconds"],
        hints=tuple((int(count), float(psnr)) for count, psnr in entry["hints"]),
        left_out=None if left_out is None else LeftOut(entry["photo"], left_out[0], left_out[1]),
        of_set=bool(left_out and left_out[2]),
    )


def _pack(array: NDArray[Any] | None) -> Any:
    if array is None:
        return None
    content = base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 6)).decode("ascii")
    return [array.dtype.str, list(array.shape), content]


def _unpack(packed: Any) -> Any:
    if packed is None:
        return None
    kind, shape, content = packed
    return np.frombuffer(zlib.decompress(base64.b64decode(content)), np.dtype(kind)).reshape(shape)
