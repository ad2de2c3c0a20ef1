"""One process at a time writes to an output."""

import errno
import subprocess
import sys
from pathlib import Path

import filelock
import pytest

from photochrom.errors import OutputError, WriteError
from photochrom.system.locks import acquire_lock

_HOLD = """
import sys
from pathlib import Path
from photochrom.system.locks import acquire_lock

lock = acquire_lock(Path(sys.argv[1]), output=Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()
"""


def test_another_process_is_kept_away_until_the_first_is_killed(tmp_path: Path) -> None:
    path, output = tmp_path / "lock", tmp_path / "a.mp4"
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(OutputError) as caught:
            acquire_lock(path, output=output)
        assert (caught.value.code, caught.value.details) == ("output.locked", {"path": output})
        holder.kill()
        holder.wait()
    acquire_lock(path, output=output).release()


def test_a_lock_holds_in_its_own_process_too_and_can_be_had_again(tmp_path: Path) -> None:
    first = acquire_lock(tmp_path / "lock", output=tmp_path)
    with pytest.raises(OutputError):
        acquire_lock(tmp_path / "lock", output=tmp_path)
    first.release()
    acquire_lock(tmp_path / "lock", output=tmp_path).release()


def test_where_the_lock_cannot_be_created_the_reason_is_given(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(WriteError) as caught:
        acquire_lock(tmp_path / "folder", output=tmp_path)
    assert caught.value.code == "output.is_folder"


def test_a_file_system_without_locks_keeps_nobody_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object, *_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    acquire_lock(tmp_path / "lock", output=tmp_path).release()
