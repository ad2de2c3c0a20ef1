"""The hidden folder beside the output where an unfinished film is kept, so that a killed run can be resumed."""

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from photochrom.errors import OptionError, OutputError, WriteError
from photochrom.system.locks import try_lock
from photochrom.video.media.scan import Scan, load_scan, save_scan

__all__ = ["JobFolder"]

_JOURNAL, _SCAN, _LOCK, _PART = "job.json", "scan.npz", "lock", "part"


class JobFolder:
    """The folder of one output, held by one process at a time.

    Args:
        output: the film to be.

    Raises:
        OutputError: another run is writing this film.
        WriteError: the folder cannot be created.
    """

    def __init__(self, output: Path) -> None:
        # the star of stills' names is not allowed everywhere
        self.path = output.with_name(f".{output.name.replace('*', 'stills')}.photochrom-film")
        self._output = output
        try:
            self.path.mkdir(exist_ok=True)
            run_lock = try_lock(self.path / _LOCK)
        except OSError as error:
            raise WriteError("video.folder_not_writable", path=output.parent, reason=error.strerror) from error
        if run_lock is None:
            raise OutputError("video.output_in_use", path=output)
        self._run_lock = run_lock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run_lock.release()
        if not self.has_journal:
            self._remove()

    @property
    def has_journal(self) -> bool:
        """Returns whether an unfinished film is kept here."""
        return (self.path / _JOURNAL).exists()

    def clear(self) -> None:
        """Forgets what is kept here."""
        # what says that there is something goes first
        with suppress(OSError):
            (self.path / _JOURNAL).unlink(missing_ok=True)
        for path in self.path.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != _LOCK:
                with suppress(OSError):
                    path.unlink()

    def begin(self, identity: Mapping[str, Any], choices: Mapping[str, Any], scan: Scan) -> None:
        """Records what a run is of: a later run knows it by ``identity``, and takes ``choices`` over."""
        save_scan(self.path / _SCAN, scan)
        text = json.dumps({"identity": identity, "choices": choices}, indent=1)
        part = self.path / f"{_JOURNAL}.writing"
        part.write_text(text, encoding="utf-8")
        part.replace(self.path / _JOURNAL)

    def load_earlier(self, identity: Mapping[str, Any]) -> tuple[dict[str, Any], Scan] | None:
        """Returns what an earlier run chose, and its scan; None where there was none or it left nothing of use.

        Raises:
            OptionError: the earlier run was of another film, or had other options.
        """
        try:
            found = json.loads((self.path / _JOURNAL).read_text(encoding="utf-8"))
            earlier, choices, scan = found["identity"], dict(found["choices"]), load_scan(self.path / _SCAN)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        wanted = json.loads(json.dumps(identity))
        other = [key for key in wanted if earlier.get(key) != wanted[key]]
        if other:
            raise OptionError("video.run_differs", path=self._output, differences=", ".join(other))
        return choices, scan

    def remember_part(self, part: Path) -> None:
        """Records that a playable part was left at this path, for the whole film to replace."""
        (self.path / _PART).write_text(part.name, encoding="utf-8")

    def finish(self, *, keep: bool = False) -> None:
        """Removes the playable part, for the film is in place; and all that is kept, unless it is to stay."""
        with suppress(OSError):
            self._output.with_name((self.path / _PART).read_text(encoding="utf-8")).unlink(missing_ok=True)
        if not keep:
            self.clear()

    def _remove(self) -> None:
        with suppress(OSError):
            shutil.rmtree(self.path)
