"""A frozen encoder's features are stored once, whatever interrupts it, and give the batches that the photos would."""

import json
import pickle
import shutil
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from photochrom.datasets.sources.photo_set import Photos, open_photos
from photochrom.errors import DataError, WriteError
from photochrom.training.data.batch_plan import Draw
from photochrom.training.data.dataset import Samples
from photochrom.training.data.feature_cache import FeatureSource, StoredSamples, collate_stored, store_features
from photochrom.training.schema import AugmentationOptions, HintOptions

COUNT, SIDE = 40, 64
SOURCE = FeatureSource("these", "this", SIDE, 4)
PLAIN = AugmentationOptions(hflip=0, crop=0, tone=0, noise=0, blur=0)


class Encoder:
    """Two maps; counts the photos it sees, and breaks off after some."""

    def __init__(self, patience: int = 10**6) -> None:
        self.seen, self.patience = 0, patience

    def __call__(self, lightness: torch.Tensor) -> list[torch.Tensor]:
        if self.seen >= self.patience:
            raise KeyboardInterrupt
        # the first, blank, picture is to find the maps' shapes
        self.seen += len(lightness) if lightness.any() else 0
        return [
            F.avg_pool2d(lightness, 8),
            torch.cat([F.avg_pool2d(lightness, 16), 1e6 + 0 * lightness[..., :4, :4]], 1),
        ]


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    root = tmp_path_factory.mktemp("stored")
    for seed in range(COUNT):
        coarse = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(root / f"{seed:02}.png")
    return open_photos([str(root)])


def samples(folder: Path, flip: float = 0.0, share: float = 0.0) -> StoredSamples:
    return StoredSamples(folder, hflip=flip, hints=HintOptions(probability=share), seed=3)


def test_stored_photos_are_the_photos(photos: Photos, tmp_path: Path) -> None:
    encoder, said = Encoder(), []
    store_features(tmp_path, photos, encoder, SOURCE, said=lambda done, total: said.append((done, total)))
    assert encoder.seen == COUNT
    assert said == [(16, COUNT), (32, COUNT), (COUNT, COUNT)]
    assert len(samples(tmp_path)) == COUNT
    direct = Samples(photos, augmentation=PLAIN, hints=HintOptions(probability=0), output_stride=4, seed=3)
    for index in (0, 17, 39):
        lightness, ab, hints, own, *maps = samples(tmp_path)[Draw(0, index, SIDE)]
        expected = direct.sample(Draw(0, index, SIDE))
        assert np.abs(ab - expected[1]).max() < 0.05
        assert not hints.any()
        assert np.array_equal(own, ab)
        assert [part.shape for part in maps] == [(1, 8, 8), (2, 4, 4)]
        assert np.abs(lightness - F.avg_pool2d(torch.from_numpy(expected[0]), 4).numpy()).max() < 0.05
        assert np.abs(maps[0] - F.avg_pool2d(torch.from_numpy(expected[0]), 8).numpy()).max() < 0.05
        assert maps[1][1].max() == 65504.0  # what float16 cannot hold is not infinite


def test_a_mirrored_photo_is_mirrored_in_all_its_parts_and_hints_follow(photos: Photos, tmp_path: Path) -> None:
    store_features(tmp_path, photos, Encoder(), SOURCE)
    draws = [Draw(epoch, index, SIDE) for epoch in (0, 1) for index in range(COUNT)]
    plain, mirrored = samples(tmp_path, share=1.0), samples(tmp_path, flip=1.0, share=1.0)
    for one, other in zip(map(plain.__getitem__, draws), map(mirrored.__getitem__, draws), strict=True):
        assert all(np.array_equal(a, b[..., ::-1]) for k, (a, b) in enumerate(zip(one, other, strict=True)) if k != 2)
        given = other[2][2] > 0
        assert given.any()
    # a hint of one cell has that cell's colour
    alone = StoredSamples(
        tmp_path, hflip=0.5, hints=HintOptions(probability=1.0, geometric_probability=1.0, max_patch_size=1), seed=3
    )
    changed = 0
    for draw in draws:
        lightness, ab, hints, *_ = alone[draw]
        given = hints[2] > 0
        assert np.allclose(hints[:2, given], ab[:, given], atol=1e-5)
        changed += not np.array_equal(lightness, plain[draw][0])
    assert 20 < changed < 60
    batch = collate_stored([pickle.loads(pickle.dumps(alone))[draw] for draw in draws[:5]])
    assert [tuple(part.shape) for part in batch.features] == [(5, 1, 8, 8), (5, 2, 4, 4)]
    assert batch.lightness.shape == (5, 1, 16, 16)


def test_an_interrupted_store_goes_on_where_it_was(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photochrom.training.data.feature_cache.NOTE", 16)
    with pytest.raises(KeyboardInterrupt):
        store_features(tmp_path / "broken", photos, Encoder(patience=17), SOURCE)
    assert json.loads((tmp_path / "broken" / "features.json").read_text())["done"] == 32
    rest, again = Encoder(), Encoder()
    store_features(tmp_path / "broken", photos, rest, SOURCE)
    store_features(tmp_path / "broken", photos, again, SOURCE)
    assert (rest.seen, again.seen) == (COUNT - 32, 0)
    store_features(tmp_path / "whole", photos, Encoder(), SOURCE)
    for name in ("lab.npy", "features-0.npy", "features-1.npy"):
        assert (tmp_path / "broken" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_store_of_something_else_is_not_touched(photos: Photos, tmp_path: Path) -> None:
    store_features(tmp_path, photos, Encoder(), SOURCE)
    before = (tmp_path / "features-0.npy").read_bytes()
    for other in (replace(SOURCE, photos="those"), replace(SOURCE, encoder="that"), replace(SOURCE, pixels=32)):
        with pytest.raises(DataError, check=lambda error: error.code == "dataset.features_foreign"):
            store_features(tmp_path, photos, Encoder(), other)
    assert (tmp_path / "features-0.npy").read_bytes() == before
    for torn in ("{", "[]", '{"done": "x"}', "\xff"):
        (tmp_path / "features.json").write_text(torn, encoding="latin-1")
        with pytest.raises(DataError, check=lambda error: error.code == "dataset.features_unreadable"):
            store_features(tmp_path, photos, Encoder(), SOURCE)


@pytest.mark.parametrize("name", ["lab.npy", "features-1.npy"])
def test_a_damaged_store_is_said(photos: Photos, tmp_path: Path, name: str) -> None:
    store_features(tmp_path, photos, Encoder(), SOURCE)
    whole = (tmp_path / name).read_bytes()
    for torn in (b"", whole[:60], whole[:-1], b"\x00" * len(whole)):
        (tmp_path / name).write_bytes(torn)
        with pytest.raises(DataError, check=lambda error: error.code == "dataset.features_damaged"):
            store_features(tmp_path, photos, Encoder(), SOURCE)
    (tmp_path / name).unlink()
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.features_damaged"):
        store_features(tmp_path, photos, Encoder(), SOURCE)


def test_without_room_nothing_is_begun(photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, 10**6))
    with pytest.raises(WriteError, check=lambda error: error.code == "dataset.features_disk_full"):
        store_features(tmp_path / "full", photos, Encoder(), SOURCE)
    assert not list((tmp_path / "full").iterdir())
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WriteError, check=lambda error: error.code == "dataset.features_unwritable"):
        store_features(tmp_path / "file", photos, Encoder(), SOURCE)
