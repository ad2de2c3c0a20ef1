"""What must hold of every kind of set, wherever its photos lie."""

import io
import pickle
import shutil
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from photochrom.color.fast_lab import bytes_to_lab, bytes_to_srgb, decode_lab_bytes, pool_cells
from photochrom.datasets.sources.photo_set import Photos, decode, fingerprint, load, open_photos
from photochrom.errors import DataError
from photochrom.training.data.batch_plan import BatchPlan
from photochrom.training.data.datamodule import ColorData
from photochrom.training.schema import AugmentationOptions, BatchSize, DataOptions, HintOptions

KINDS = ("folder", "shards", "tars", "pairs")


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def loader(place: Path, *, start: int = 0, workers: int = 0):
    options = DataOptions(train=(str(place),), batches=(BatchSize(image_size=32, batch_size=5),), num_workers=workers)
    augmentation = AugmentationOptions(rotation=20, shear=0.2, zoom=0.2, fade=0.5, scratches=0.5)
    data = ColorData(options, augmentation=augmentation, hints=HintOptions(), output_stride=4, seed=1)
    batches = data.train_dataloader()
    assert isinstance(batches.batch_sampler, BatchPlan)
    batches.batch_sampler.start = start
    return batches


def test_a_set_entered_late_gives_the_batches_it_would_have_given(place: Path) -> None:
    whole = list(islice(loader(place), 3, 6))
    late = list(islice(loader(place, start=3), 3))
    for ours, theirs in zip(whole, late, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(ours[:3], theirs[:3], strict=True))
    assert not torch.equal(whole[0].lightness, whole[1].lightness)


def test_order_names_and_fingerprint_are_the_same_each_time_and_elsewhere(place: Path) -> None:
    first = open_photos([str(place)])
    for again in (open_photos([str(place)]), pickle.loads(pickle.dumps(first))):
        assert [again.name(i) for i in range(12)] == [first.name(i) for i in range(12)]
        assert [again.source(i) for i in range(12)] == [first.source(i) for i in range(12)]
        assert fingerprint(again) == fingerprint(first)
        assert all(np.array_equal(decode(again, i, at_least=0), decode(first, i, at_least=0)) for i in (0, 7, 11))


def test_sets_of_all_kinds_join(request: pytest.FixtureRequest) -> None:
    joined = open_photos([str(request.getfixturevalue(kind)) for kind in KINDS])
    assert len(joined) == 48
    assert [load(joined, index, at_least=0).lab for index in (0, 12, 24, 36)] == [False, False, False, True]
    assert [joined.source(index) for index in (0, 12, 24)] == ["album 0", "made", "album0"]


def test_shards_without_a_source_are_of_their_folder(tmp_path: Path, make) -> None:
    pyarrow = pytest.importorskip("pyarrow.parquet", reason="Parquet needs the train extra")
    import pyarrow as arrow

    rows = [{"bytes": make.encoded(seed), "path": ""} for seed in range(2)]
    (tmp_path / "theme").mkdir()
    pyarrow.write_table(arrow.table({"image": rows}), tmp_path / "theme" / "a.parquet")
    pyarrow.write_table(arrow.table({"image": rows, "source": ["x", None]}), tmp_path / "theme" / "b.parquet")
    photos = open_photos([str(tmp_path / "theme")])
    assert [photos.source(index) for index in range(4)] == ["theme", "theme", "x", ""]
    pyarrow.write_table(arrow.table({"image": rows, "source": [[1], [2]]}), tmp_path / "theme" / "b.parquet")
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.source_column"):
        open_photos([str(tmp_path / "theme")]).source(0)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(place_=st.floats(0, 1), value=st.integers(0, 255), cut=st.integers(0, 3000), run=st.integers(1, 40))
def test_any_shard_is_read_or_refused(shards: Path, tmp_path_factory, place_, value, cut, run) -> None:
    path = tmp_path_factory.mktemp("mutated") / "a.parquet"
    content = bytearray((shards / "train-0.parquet").read_bytes())
    first = int(place_ * (len(content) - 1))
    content[first : first + run] = bytes([value]) * len(content[first : first + run])
    path.write_bytes(content[: len(content) - (cut if cut > 2000 else 0)])
    refused = ""
    try:
        photos = open_photos([str(path)])
        for index in range(len(photos)):
            photos.source(index)
            decode(photos, index, at_least=0)
    except DataError as error:
        refused = f"{error.code} {error.details}"
    assert not refused or ("a.parquet" in refused and refused.startswith("dataset."))
    assert refused or cut <= 2000
    shutil.rmtree(path.parent)


def _load(content: bytes) -> Image.Image:
    class One:
        def read(self, index: int) -> bytes:
            return content

        def name(self, index: int) -> str:
            return "it"

    photos: Photos = One()
    return decode(photos, 0, at_least=0)


def test_a_wide_gamut_photo_is_brought_to_srgb(make) -> None:
    # a profile like sRGB's, of another name, in which red and blue have changed places
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    wide_profile = srgb.replace("sRGB".encode("utf-16-be"), "wide".encode("utf-16-be"))
    wide_profile = wide_profile.replace(b"rXYZ", b"____").replace(b"bXYZ", b"rXYZ").replace(b"____", b"bXYZ")
    photo = Image.new("RGB", (32, 32), (100, 150, 40))
    wide = io.BytesIO()
    photo.save(wide, "PNG", icc_profile=wide_profile)
    assert np.abs(np.subtract(_load(wide.getvalue()).getpixel((9, 9)), (40, 150, 100))).max() <= 2
    for icc in (srgb, b"no profile"):
        plain = io.BytesIO()
        photo.save(plain, "PNG", icc_profile=icc)
        assert _load(plain.getvalue()).getpixel((9, 9)) == (100, 150, 40)


def test_what_is_transparent_is_white() -> None:
    content = io.BytesIO()
    Image.new("RGBA", (32, 32), (200, 0, 0, 0)).save(content, "PNG")
    assert _load(content.getvalue()).getpixel((5, 5)) == (255, 255, 255)


def test_the_size_is_that_before_anything_was_reduced(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (1600, 800)).save(tmp_path / "a.jpg", exif=exif)
    image, _, width, height = load(open_photos([str(tmp_path)]), 0, at_least=100)
    assert (width, height) == (800, 1600)
    assert image.size == (100, 200)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_lab_bytes_come_back(seed: int) -> None:
    srgb = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    lab = bytes_to_lab(srgb)
    packed = np.stack([lab[0] * 2.55, lab[1] + 128, lab[2] + 128], -1).round().clip(0, 255).astype(np.uint8)
    assert np.abs(decode_lab_bytes(packed) - lab).max() <= 0.51
    assert np.abs(bytes_to_srgb(packed).astype(int) - srgb.astype(int)).mean() < 3


def test_pooling_is_the_mean_over_cells() -> None:
    planes = np.random.default_rng(0).normal(size=(2, 12, 8)).astype(np.float32)
    expected = planes.reshape(2, 3, 4, 2, 4).mean((2, 4))
    assert np.allclose(pool_cells(planes, 4), expected, atol=1e-6)
    assert np.array_equal(pool_cells(planes, 1), planes)


@pytest.mark.parametrize(("name", "code"), [("a.tar", "dataset.several_files"), ("b.jpg", "dataset.unknown_kind")])
def test_places_that_are_no_set_are_named(tmp_path: Path, make, name: str, code: str) -> None:
    make.tar(tmp_path / "a.tar", {"a.png": make.encoded(0)})
    (tmp_path / "b.jpg").write_bytes(make.encoded(0, "JPEG"))
    place = f"{tmp_path}/{{a.tar,b.jpg}}" if name == "a.tar" else str(tmp_path / name)
    with pytest.raises(DataError, check=lambda error: error.code == code):
        open_photos([place])
