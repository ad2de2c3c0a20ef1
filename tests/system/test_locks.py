"""One process at a time writes to an output."""

import errno
import subprocess
import sys
import threading
from pathlib import Path

import filelock
import pytest

from photochrom.system.locks import try_lock

_HOLD = """
import sys
import threading
from pathlib import Path
from photochrom.system.locks import try_lock

lock = try_lock(Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()
"""


def test_another_process_is_kept_away_until_the_first_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        assert try_lock(path) is None
        holder.kill()
        holder.wait()
    lock = try_lock(path)
    assert lock is not None
    lock.release()


def test_a_lock_holds_in_its_own_process_too_and_can_be_had_again(tmp_path: Path) -> None:
    first = try_lock(tmp_path / "lock")
    assert first is not None
    assert try_lock(tmp_path / "lock") is None
    releasing = threading.Thread(target=first.release)
    releasing.start()
    releasing.join()
    again = try_lock(tmp_path / "lock")
    assert again is not None
    again.release()


def test_a_lock_that_cannot_be_created_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        try_lock(tmp_path / "folder")


def test_a_file_system_without_locks_keeps_nobody_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object, *_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    first = try_lock(tmp_path / "lock")
    assert first is not None
    first.release()
