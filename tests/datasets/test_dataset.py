from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from photochrom.color.conversion import srgb_to_lab
from photochrom.color.fast_lab import bytes_to_lab
from photochrom.datasets.sources.photo_set import open_photos
from photochrom.errors import DataError
from photochrom.training.augment.transforms import jitter
from photochrom.training.data.batch_plan import Draw
from photochrom.training.data.color_prior import color_prior, measure_prior
from photochrom.training.data.datamodule import ColorData
from photochrom.training.data.dataset import Batch, Samples, collate
from photochrom.training.data.hint_sampling import draw_hints
from photochrom.training.schema import AugmentationOptions, BatchSize, DataOptions, HintOptions

PLAIN = AugmentationOptions(hflip=0, crop=0, tone=0, noise=0, blur=0)
STRONG = AugmentationOptions(hflip=0.5, crop=1, tone=1, noise=1, blur=1)


def samples(folder: Path, augmentation: AugmentationOptions, **options) -> Samples:
    photos = open_photos([str(folder)])
    return Samples(
        photos, augmentation=augmentation, hints=HintOptions(probability=1), output_stride=4, seed=5, **options
    )


def test_a_sample_depends_on_its_turn_alone(folder: Path) -> None:
    made = samples(folder, STRONG)
    first = made.sample(Draw(0, 3, 32))
    made.sample(Draw(0, 4, 32))
    again = samples(folder, STRONG, keep=True).sample(Draw(0, 3, 32))
    other = made.sample(Draw(1, 3, 32))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_chroma_belongs_to_the_lightness_and_is_averaged_over_cells(folder: Path) -> None:
    lightness, ab, hints, _ = samples(folder, PLAIN).sample(Draw(0, 0, 48))
    assert lightness.shape == (1, 48, 48)
    assert ab.shape == (2, 12, 12)
    assert hints.shape == (3, 12, 12)
    assert {array.dtype for array in (lightness, ab, hints)} == {np.dtype(np.float32)}
    # the photo is 64 by 48: with nothing changed but a square cut, each column of it is the photo's own
    lab = bytes_to_lab(np.asarray(Image.open(open_photos([str(folder)]).name(0))))
    assert min(np.abs(lab[0, :, left : left + 48] - lightness[0]).max() for left in range(17)) < 1e-4


def test_lab_of_bytes_is_that_of_floats() -> None:
    square = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    expected = srgb_to_lab(np.moveaxis(square, -1, 0) / 255.0)
    assert np.abs(bytes_to_lab(square) - expected).max() < 1e-3


def test_jitter_stays_within_lightness_and_does_nothing_when_told_so() -> None:
    lightness = np.linspace(0, 100, 40 * 30, dtype=np.float32).reshape(40, 30)
    rng = np.random.default_rng(0)
    assert np.array_equal(jitter(lightness, PLAIN, rng), lightness)
    for _ in range(20):
        aged = jitter(lightness, STRONG, rng)
        assert aged.shape == lightness.shape
        assert 0 <= aged.min() <= aged.max() <= 100
        assert not np.array_equal(aged, lightness)


def test_hints_are_the_truth_where_the_mask_is_set() -> None:
    ab = np.random.default_rng(1).uniform(-50, 50, (2, 16, 16)).astype(np.float32)
    options, rng = (
        HintOptions(probability=1, geometric_probability=1, mean_count=4, max_patch_size=1),
        np.random.default_rng(2),
    )
    counts = []
    for _ in range(300):
        hints, same = draw_hints(ab, np.full((16, 16), 50, np.float32), options, rng)
        assert same is ab
        mask = hints[2] > 0
        assert set(np.unique(hints[2])) <= {0.0, 1.0}
        assert np.allclose(hints[:2, mask], ab[:, mask], atol=1e-5)
        assert not hints[:2, ~mask].any()
        counts.append(mask.sum())
    assert 3.0 < np.mean(counts) < 5.0


def test_half_of_the_photos_get_no_hints() -> None:
    ab, rng = np.ones((2, 8, 8), np.float32), np.random.default_rng(3)
    bare = sum(not draw_hints(ab, ab[0], HintOptions(probability=0.5), rng)[0].any() for _ in range(400))
    assert 160 < bare < 240


def test_hints_of_a_thing_in_another_colour() -> None:
    """A red square on gray, hinted at: the square gets another colour, its shades and all else stay."""
    ab = np.zeros((2, 16, 16), np.float32)
    ab[0, 4:10, 4:10] = np.linspace(38, 42, 36).reshape(6, 6)
    light = np.full((16, 16), 50, np.float32)
    square = ab[0] > 0
    rng, changed = np.random.default_rng(5), 0
    for _ in range(100):
        options = HintOptions(probability=1, geometric_probability=1, mean_count=1, max_patch_size=1, recolored=4)
        hints, new = draw_hints(ab, light, options, rng)
        mask = hints[2] > 0
        assert np.allclose(hints[:2, mask], new[:, mask], atol=1e-5)
        moved = (new != ab).any(0)
        assert not moved.any() or np.array_equal(moved, square) or np.array_equal(moved, ~square)
        if np.array_equal(moved, square) and np.abs(new).max() < 100:
            assert np.allclose(np.diff(new[0][square]), np.diff(ab[0][square]), atol=1e-4)
        changed += bool(moved.any())
    assert 65 < changed < 95  # 1 / (1 + 1 / 4)


def test_an_unreadable_photo_ends_the_loading_with_one_sentence(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "good.png").write_bytes((folder / "album 0" / "photo0.png").read_bytes())
    (tmp_path / "torn.png").write_bytes(b"\x89PNG torn")
    data = module(tmp_path, workers=0)
    batch = next(iter(data.train_dataloader()))
    assert isinstance(batch, DataError)
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.photo_unreadable"):
        data.on_before_batch_transfer(batch, 0)


def module(folder: Path, workers: int) -> ColorData:
    options = DataOptions(train=(str(folder),), batches=(BatchSize(image_size=32, batch_size=4),), num_workers=workers)
    return ColorData(options, augmentation=STRONG, hints=HintOptions(), output_stride=4, seed=1)


def test_a_worker_makes_the_batches_the_process_itself_would(shards: Path) -> None:
    here, there = (iter(module(shards, workers).train_dataloader()) for workers in (0, 1))
    for _ in range(4):
        ours, theirs = next(here), next(there)
        assert isinstance(ours, Batch)
        assert ours.lightness.shape == (4, 1, 32, 32)
        assert all(torch.equal(a, b) for a, b in zip(ours[:3], theirs[:3], strict=True))


def test_collate_lets_an_error_through() -> None:
    error = DataError("dataset.missing", path="x")
    assert collate([(np.zeros(1),) * 3, error]) is error


def test_the_prior_counts_colours_and_is_remembered(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for number in range(3):
        Image.new("RGB", (32, 32), (180, 60, 60)).save(tmp_path / f"red{number}.png")
    bins = torch.tensor([[0.0, 0.0], [50.0, 30.0], [-50.0, 30.0], [40.0, 30.0], [50.0, 20.0], [40.0, 20.0]])
    photos = open_photos([str(tmp_path)])
    prior = color_prior(photos, bins, limit=10)
    assert prior.sum().item() == pytest.approx(1, abs=1e-5)
    assert prior[[0, 2]].sum() < 0.01
    assert torch.equal(prior, measure_prior(photos, bins, limit=10))
    (kept,) = (tmp_path / "photochrom").glob("prior-*.npy")
    np.save(kept, np.full(len(bins), 1 / len(bins), np.float32))
    assert torch.allclose(color_prior(photos, bins, limit=10), torch.full((len(bins),), 1 / len(bins)))
    kept.write_bytes(b"torn")
    assert torch.equal(color_prior(photos, bins, limit=10), prior)
