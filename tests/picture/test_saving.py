"""Saves are atomic, overwrite nothing unasked, and leave nothing behind."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photochrom.errors import OutputExistsError, UnsupportedPictureError, WriteError
from photochrom.picture import Picture, read_picture, saving


@pytest.fixture
def picture() -> Picture:
    return read_picture(np.arange(60, dtype=np.uint8).reshape(6, 10))


def test_nothing_is_overwritten_unasked(picture: Picture, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")
    with pytest.raises(OutputExistsError, match="overwrite"):
        picture.save(path)
    assert path.read_bytes() == b"mine"
    assert picture.save(path, overwrite=True) == path
    assert read_picture(path).pages[0].height == 6
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_appears_meanwhile_is_not_overwritten(
    picture: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    real = saving.write_file

    def slow(*arguments: Any) -> None:
        real(*arguments)
        path.write_bytes(b"mine")

    monkeypatch.setattr(saving, "write_file", slow)
    with pytest.raises(OutputExistsError):
        picture.save(path)
    assert path.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_system_without_links(picture: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    path = picture.save(tmp_path / "a.png")
    assert read_picture(path).pages[0].width == 10
    with pytest.raises(OutputExistsError):
        picture.save(path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device"), MemoryError, ValueError])
@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".png"])
def test_whatever_goes_wrong_leaves_nothing(
    error: Any, suffix: str, picture: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = saving.write_file

    def break_off(*arguments: Any) -> None:
        real(*arguments)
        raise error

    monkeypatch.setattr(saving, "write_file", break_off)
    kind = WriteError if isinstance(error, OSError) or error is MemoryError else error
    with pytest.raises(kind) as caught:
        picture.save(tmp_path / f"a{suffix}")
    if isinstance(error, OSError):
        assert "free some space" in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".png", ".bmp"])
def test_no_such_folder(suffix: str, picture: Picture, tmp_path: Path) -> None:
    with pytest.raises(WriteError, match=r"make it first|check the folder"):
        picture.save(tmp_path / "none" / f"a{suffix}")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WriteError):
        picture.save(tmp_path / "file" / f"a{suffix}")
    with pytest.raises(WriteError, match=r"shorter|cannot be written"):
        picture.save(tmp_path / f"{'a' * 300}{suffix}")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_folder_in_the_way(picture: Picture, tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(WriteError):
        picture.save(tmp_path / "a.png", overwrite=True)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_suffix_names_the_format(picture: Picture, tmp_path: Path) -> None:
    for suffix in (".jpg", ".JPEG", ".png", ".tif", ".tiff", ".webp", ".bmp", ".gif", ".avif", ".heic"):
        path = picture.save(tmp_path / f"a{suffix}")
        expected = {"jpg": "JPEG", "tif": "TIFF", "heic": "HEIF"}.get(suffix[1:].lower(), suffix[1:].upper())
        assert read_picture(path).format == expected
    assert read_picture(picture.save(tmp_path / "b", format="webp")).format == "WEBP"
    with pytest.raises(UnsupportedPictureError, match=r"use one of .*\.jpg"):
        picture.save(tmp_path / "a.xyz")
    with pytest.raises(UnsupportedPictureError, match="use one of"):
        picture.save(tmp_path / "a.png", format="xyz")
