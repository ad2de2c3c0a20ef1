"""Which photos there are and what they are called."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import DataError, OptionError
from photochrom.evaluation.inputs.ground_truth import is_gray, open_ground_truths
from photochrom.evaluation.inputs.protocol import find_protocol

PARQUET = pytest.importorskip("pyarrow.parquet", reason="Parquet needs the evaluate extra")


def write_parquet(path: Path, names: list[str | None], sources: list[str] | None = None) -> Path:
    import pyarrow

    rows = []
    for number, name in enumerate(names):
        stream = BytesIO()
        Image.new("RGB", (40, 30), (number * 9, 90, 200 - number)).save(stream, "PNG")
        rows.append({"bytes": stream.getvalue(), "path": name})
    columns = {"image": pyarrow.array(rows, pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())]))}
    PARQUET.write_table(pyarrow.table(columns | ({"source": sources} if sources else {})), path)
    return path


def test_a_folder_gives_paths_and_subjects(photos: Path) -> None:
    truths = open_ground_truths(photos)
    assert [(place.id, place.subject) for place in truths.refs] == [
        ("cat", photos.name),
        ("people/astronaut", "people"),
        ("people/suit", "people"),
        ("things/coffee", "things"),
        ("things/cup", "things"),
    ]
    truth = truths.read(truths.refs[1], find_protocol("full"))
    assert truth.shape == (400, 400, 3)


def test_photos_that_differ_in_their_suffix_alone_keep_it(tmp_path: Path) -> None:
    for name in ("a.png", "a.jpg", "b.png"):
        Image.new("RGB", (20, 20), "red").save(tmp_path / name)
    assert [place.id for place in open_ground_truths(tmp_path).refs] == ["a.jpg", "a.png", "b"]


def test_a_name_no_encoding_knows(tmp_path: Path) -> None:
    for name in (b"caf\xe9.png", b"b.png"):
        Image.new("RGB", (20, 20), "red").save(tmp_path / "x.png")
        (tmp_path / "x.png").rename(tmp_path / name.decode("utf-8", "surrogateescape"))
    ids = [place.id for place in open_ground_truths(tmp_path).refs]
    assert ids == ["b", r"caf\udce9"]
    assert "\n".join(ids).encode()


def test_parquet_gives_names_and_sources(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", ["x/1.png", "2.webp", None, "2.webp"], ["sea", "sea", "wood", "wood"])
    assert [(place.id, place.subject) for place in open_ground_truths(path).refs] == [
        ("x/1", "sea"),
        ("row-1", "sea"),
        ("row-2", "wood"),
        ("row-3", "wood"),
    ]


def test_a_path_in_parquet_leads_nowhere(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", ["../../etc/1.png", "/root/2.png", "..\\..\\3.png"])
    assert [place.id for place in open_ground_truths(path).refs] == ["etc/1", "root/2", "3"]
    assert {place.subject for place in open_ground_truths(path).refs} == {""}


def test_a_limit_is_spread_over_the_set(photos: Path) -> None:
    assert [place.id for place in open_ground_truths(photos, limit=2).refs] == ["cat", "things/cup"]
    assert len(open_ground_truths(photos, limit=99).refs) == 5
    with pytest.raises(OptionError, check=lambda error: error.code == "evaluation.limit_out_of_range"):
        open_ground_truths(photos, limit=0)


def test_the_fingerprint_knows_another_set(tmp_path: Path) -> None:
    first = open_ground_truths(write_parquet(tmp_path / "a.parquet", ["1", "2"])).fingerprint
    assert open_ground_truths(write_parquet(tmp_path / "a.parquet", ["1", "2"])).fingerprint == first
    assert open_ground_truths(write_parquet(tmp_path / "a.parquet", ["1", "3"])).fingerprint != first


@pytest.mark.parametrize("make", [lambda path: path / "none", lambda path: path])
def test_no_photos(tmp_path: Path, make) -> None:
    with pytest.raises(DataError):
        open_ground_truths(make(tmp_path))


def test_what_counts_as_gray(truth: np.ndarray) -> None:
    assert is_gray(np.repeat(truth[..., :1], 3, axis=-1))
    # the colour of JPEG's rounding is none
    nearly = np.repeat(truth[..., :1], 3, axis=-1)
    nearly[::2, ::2, 0] ^= 1
    assert is_gray(nearly)
    assert not is_gray(truth)
    # a small coloured thing is enough
    spot = np.repeat(truth[..., :1], 3, axis=-1)
    spot[:40, :40] = (200, 30, 30)
    assert not is_gray(spot)
