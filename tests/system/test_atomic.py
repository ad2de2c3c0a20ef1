"""A file appears whole or not at all."""

import shutil
from pathlib import Path

import pytest

from photochrom.errors import OutputExistsError, WriteError
from photochrom.system.atomic import write_whole


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_whole(tmp_path / "a", b"one", overwrite=False)
    with pytest.raises(OutputExistsError) as existing:
        write_whole(path, b"two", overwrite=False)
    assert existing.value.code == "output.exists"
    assert write_whole(path, b"three", overwrite=True).read_bytes() == b"three"

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WriteError) as failed:
        write_whole(path, b"four", overwrite=True)
    assert failed.value.code == "output.disk_full"
    assert path.read_bytes() == b"three"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    monkeypatch.undo()
    shutil.rmtree(tmp_path)
    with pytest.raises(WriteError):
        write_whole(path, b"five", overwrite=True)
    assert write_whole(path, b"six", overwrite=False, folders=True).read_bytes() == b"six"
