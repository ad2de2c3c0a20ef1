"""Saves are atomic, overwrite nothing unasked, and leave nothing behind."""

import errno
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photochrom.errors import OptionError, OutputExistsError, UnsupportedPictureError, WriteError
from photochrom.image_io import Picture, read_picture
from photochrom.image_io import write as saving
from photochrom.system import atomic as placing

PHOTO = Path(__file__).parents[2] / "docs" / "photos" / "astronaut_gray.jpg"


@pytest.fixture
def picture() -> Picture:
    return read_picture(np.arange(60, dtype=np.uint8).reshape(6, 10))


def test_nothing_is_overwritten_unasked(picture: Picture, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")
    with pytest.raises(OutputExistsError) as caught:
        picture.save(path)
    assert (caught.value.code, caught.value.details) == ("output.exists", {"path": path})
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


@pytest.mark.parametrize("renames", [True, False])
def test_a_file_system_without_links(
    renames: bool, picture: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    if not renames:
        monkeypatch.setattr(placing, "_load_renameat2", lambda: None)
    path = picture.save(tmp_path / "a.png")
    assert read_picture(path).pages[0].width == 10
    with pytest.raises(OutputExistsError):
        picture.save(path)
    # and where it has appeared after the first look
    monkeypatch.setattr(os.path, "lexists", lambda _: False)
    with pytest.raises(OutputExistsError):
        picture.save(path)
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_leaves_no_empty_file(picture: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(1, "no links here")

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(placing, "_load_renameat2", lambda: None)
    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        picture.save(tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["n" * 251 + ".png", "ü" * 125 + ".tif", "x" * 96 + ".png", "x" * 97 + ".png"])
def test_names_as_long_as_they_may_be(name: str, picture: Picture, tmp_path: Path) -> None:
    parts = []

    def look(*arguments: Any) -> None:
        write_file(*arguments)
        parts.extend(path.name for path in tmp_path.iterdir())

    write_file = saving.write_file
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saving, "write_file", look)
        path = picture.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == [path]
    assert len(parts) == 1
    assert len(os.fsencode(parts[0])) <= 143
    assert placing.is_part_of(parts[0], name)
    assert not placing.is_part_of(parts[0], f"y{name}")
    with pytest.raises(WriteError) as caught:
        picture.save(tmp_path / "a\0b.png")
    assert caught.value.code == "output.invalid_name"


def test_many_save_to_one_path_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    pictures = [read_picture(np.full((200, 300), value, np.uint8)) for value in range(16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda picture: picture.save(path, overwrite=True), pictures))
    values = np.unique(read_picture(path).pages[0].pixels)
    assert len(values) == 1
    assert list(tmp_path.iterdir()) == [path]

    def first(picture: Picture) -> bool:
        try:
            picture.save(tmp_path / "b.png")
        except OutputExistsError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(first, pictures)) == 1


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
        assert caught.value.code == "output.disk_full"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".png", ".bmp"])
def test_no_such_folder(suffix: str, picture: Picture, tmp_path: Path) -> None:
    with pytest.raises(WriteError) as caught:
        picture.save(tmp_path / "none" / f"a{suffix}")
    assert caught.value.code in ("output.folder_missing", "photo.encoding_failed")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WriteError):
        picture.save(tmp_path / "file" / f"a{suffix}")
    with pytest.raises(WriteError) as caught:
        picture.save(tmp_path / f"{'a' * 300}{suffix}")
    assert caught.value.code == "output.name_too_long"
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
    with pytest.raises(UnsupportedPictureError) as caught:
        picture.save(tmp_path / "a.xyz")
    assert caught.value.code == "photo.suffix_unknown"
    assert ".jpg" in str(caught.value)
    with pytest.raises(UnsupportedPictureError) as caught:
        picture.save(tmp_path / "a.png", format="xyz")
    assert caught.value.code == "photo.format_unknown"


def test_a_full_disk_is_called_that_for_tiff_too(tmp_path, monkeypatch) -> None:
    # OpenImageIO fails where the folder is gone; what it cannot say is told by the space that is left
    from photochrom.image_io.codecs.tiff import write as tiff_writer

    class Failing:
        def geterror(self) -> str:
            return "Write error"

    usage = type("usage", (), {"free": 1000})
    monkeypatch.setattr(tiff_writer.shutil, "disk_usage", lambda folder: usage)
    error = tiff_writer._write_error(Failing(), tmp_path / "a.tif")
    assert isinstance(error, OSError)
    assert error.errno == errno.ENOSPC
    usage.free = 1 << 40
    assert isinstance(tiff_writer._write_error(Failing(), tmp_path / "a.tif"), WriteError)


def test_a_tiff_does_not_say_when_it_was_written(picture: Picture, tmp_path: Path) -> None:
    """A file that is made again is the same file."""
    path = picture.save(tmp_path / "a.tif")
    assert re.search(rb"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d", path.read_bytes()) is None


@pytest.mark.parametrize("name", ["JPEG", "WEBP", "AVIF"])
def test_a_quality_that_is_asked_for_goes_before_the_sources(name: str) -> None:
    photo = read_picture(PHOTO)
    sizes = [len(photo.with_quality(quality).to_bytes(name)) for quality in (20, 60, 95)]
    assert sizes == sorted(sizes)
    assert sizes[0] * 2 < sizes[2]
    assert photo.with_quality(20).to_bytes("PNG") == photo.to_bytes("PNG")


@pytest.mark.parametrize("quality", [0, 101, -5])
def test_a_quality_out_of_range_is_refused(quality: int) -> None:
    with pytest.raises(OptionError, check=lambda error: error.code == "photo.quality_out_of_range"):
        read_picture(PHOTO).with_quality(quality)
