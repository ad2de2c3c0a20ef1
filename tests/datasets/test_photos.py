import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.datasets.sources.photo_set import Shards, decode, fingerprint, open_photos
from photochrom.errors import DataError


def test_folder_and_shards_hold_the_same_photos(folder: Path, shards: Path) -> None:
    in_folder, in_shards = open_photos([str(folder)]), open_photos([str(shards)])
    assert len(in_folder) == len(in_shards) == 12
    number = next(i for i in range(12) if in_folder.name(i).endswith("photo7.png"))
    assert np.array_equal(decode(in_folder, number, at_least=0), decode(in_shards, 7, at_least=0))


def test_joined_places_follow_each_other(folder: Path, shards: Path) -> None:
    joined = open_photos([str(shards), str(folder)])
    assert len(joined) == 24
    assert "train-1.parquet, row 1" in joined.name(7)
    assert "album 0" in joined.name(12)
    assert joined.read(13) == open_photos([str(folder)]).read(1)


def test_a_shard_travels_to_a_worker_without_its_contents(shards: Path) -> None:
    photos = open_photos([str(shards)])
    first = photos.read(0)
    copy = pickle.loads(pickle.dumps(photos))
    assert copy.read(0) == first
    assert len(pickle.dumps(photos)) < 2000


def test_shards_keep_a_bounded_number_of_row_groups(shards: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photochrom.datasets.sources.parquet.OPEN_BYTES", 1)
    photos = Shards(sorted(shards.glob("*.parquet")))
    for index in (0, 5, 11, 3):
        photos.read(index)
        assert len(photos._kept) == 1


def test_exif_orientation_is_honoured(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20), "red").save(tmp_path / "a.jpg", exif=exif)
    assert decode(open_photos([str(tmp_path)]), 0, at_least=0).size == (20, 40)


def test_a_large_jpeg_is_decoded_small_but_not_too_small(tmp_path: Path) -> None:
    Image.new("RGB", (1600, 800), "red").save(tmp_path / "a.jpg")
    width, height = decode(open_photos([str(tmp_path)]), 0, at_least=150).size
    assert 150 <= height < 800
    assert width == 2 * height


def test_the_fingerprint_follows_the_set(folder: Path, shards: Path, tmp_path: Path) -> None:
    assert fingerprint(open_photos([str(folder)])) == fingerprint(open_photos([str(folder)]))
    (tmp_path / "one.png").write_bytes((folder / "album 0" / "photo0.png").read_bytes())
    before = fingerprint(open_photos([str(tmp_path)]))
    (tmp_path / "two.png").write_bytes((folder / "album 0" / "photo3.png").read_bytes())
    assert fingerprint(open_photos([str(tmp_path)])) != before != fingerprint(open_photos([str(shards)]))


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda root: root / "absent", "missing"),
        (lambda root: root, "no_photos"),
        (lambda root: _file(root / "a.parquet", b"PAR1 not really PAR1"), "not_parquet"),
        (lambda root: _file(root / "a.txt", b"text"), "unknown_kind"),
    ],
)
def test_unusable_places_are_named(tmp_path: Path, prepare, code: str) -> None:
    with pytest.raises(DataError, check=lambda error: error.code == f"dataset.{code}"):
        open_photos([str(prepare(tmp_path))])


def test_a_parquet_without_photos_is_named(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table({"text": ["a"]}), tmp_path / "a.parquet")
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.parquet_without_images"):
        open_photos([str(tmp_path)])
    pyarrow.parquet.write_table(
        pyarrow.table({"image": pyarrow.array([{"bytes": None, "path": "a"}], _IMAGE(pyarrow))}), tmp_path / "a.parquet"
    )
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.row_empty"):
        decode(open_photos([str(tmp_path)]), 0, at_least=0)


def test_a_cut_shard_is_named(shards: Path, tmp_path: Path) -> None:
    content = bytearray((shards / "train-0.parquet").read_bytes())
    content[8:400] = b"\xff" * 392
    (tmp_path / "a.parquet").write_bytes(content)
    photos = open_photos([str(tmp_path)])
    with pytest.raises(
        DataError, check=lambda error: error.code in ("dataset.parquet_damaged", "dataset.photo_unreadable")
    ):
        [decode(photos, index, at_least=0) for index in range(len(photos))]


def test_damaged_and_minute_photos_are_named(folder: Path, tmp_path: Path) -> None:
    content = (folder / "album 0" / "photo0.png").read_bytes()
    (tmp_path / "a.png").write_bytes(content[: len(content) // 2])
    Image.new("RGB", (3, 3)).save(tmp_path / "b.png")
    photos = open_photos([str(tmp_path)])
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.photo_unreadable"):
        decode(photos, 0, at_least=0)
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.photo_too_small"):
        decode(photos, 1, at_least=0)


def _file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _IMAGE(pyarrow):  # noqa: N802
    return pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
