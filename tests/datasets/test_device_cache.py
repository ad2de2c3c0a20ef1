"""Batches made on the accelerator are what batches made one photo at a time are, up to their own chance."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from photochrom.color.conversion import srgb_to_lab
from photochrom.datasets.sources.photo_set import open_photos
from photochrom.training.data.batch_plan import BatchPlan
from photochrom.training.data.dataset import Batch, Samples, collate
from photochrom.training.data.device_cache import ResidentBatches, decode_all
from photochrom.training.schema import AugmentationOptions, BatchSize, HintOptions

PLAIN = AugmentationOptions(hflip=0, crop=0, tone=0, noise=0, blur=0)
NONE = HintOptions(probability=0)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("resident")
    for seed in range(12):
        coarse = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((64, 64), Image.Resampling.BICUBIC).save(root / f"{seed:02}.png")
    return root


def batches(photos: Path, augmentation: AugmentationOptions, hints: HintOptions, start: int = 0) -> ResidentBatches:
    plan = BatchPlan(12, [BatchSize(image_size=64, batch_size=4)], seed=3, start=start)
    resident = decode_all(open_photos([str(photos)]), 64)
    return ResidentBatches(resident, plan, augmentation=augmentation, hints=hints, output_stride=4, seed=3)


def first(made: ResidentBatches, count: int) -> list[Batch]:
    return [batch for batch, _ in zip(made, range(count), strict=False)]


def test_without_chance_both_ways_give_the_same_batch(photos: Path) -> None:
    (found,) = first(batches(photos, PLAIN, NONE), 1)
    samples = Samples(open_photos([str(photos)]), augmentation=PLAIN, hints=NONE, output_stride=4, seed=3)
    expected = collate(
        [samples[draw] for draw in next(iter(BatchPlan(12, [BatchSize(image_size=64, batch_size=4)], seed=3)))]
    )
    assert isinstance(expected, Batch)
    for mine, theirs in zip(found[:3], expected[:3], strict=True):
        assert mine.shape == theirs.shape
        assert (mine - theirs).abs().max() < 0.01


def test_a_resumed_training_sees_the_batches_it_would_have_seen(photos: Path) -> None:
    whole = first(batches(photos, AugmentationOptions(), HintOptions()), 7)
    rest = first(batches(photos, AugmentationOptions(), HintOptions(), start=4), 3)
    for before, after in zip(whole[4:], rest, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(before[:3], after[:3], strict=True))


def test_a_cut_and_mirrored_photo_keeps_its_colours_where_its_lightness_went(photos: Path) -> None:
    options = AugmentationOptions(hflip=0.5, crop=1, min_crop_scale=0.7, tone=0, noise=0, blur=0)
    resident = decode_all(open_photos([str(photos)]), 64)
    # a photo whose chroma follows from its lightness shows any difference between the two
    resident[:] = torch.linspace(0, 255, 64).to(torch.uint8)[None, None, :, None]
    resident[:, 2] = 255 - resident[:, 0]
    made = batches(photos, options, NONE)
    made.photos = resident
    (batch,) = first(made, 1)
    pooled = torch.nn.functional.avg_pool2d(batch.lightness, 4)
    values = torch.linspace(0, 1, 256)
    table = srgb_to_lab(torch.stack([values, values, 1 - values])[:, None, :])[:, 0]
    nearest = (pooled.reshape(-1, 1) - table[0][None]).abs().argmin(1)
    error = table[1:, nearest].T - batch.ab.permute(0, 2, 3, 1).reshape(-1, 2)
    assert error.abs().mean() < 3
    assert not torch.equal(batch.lightness[0], batch.lightness[1])


def test_hints_are_means_of_true_patches_in_the_share_asked_for(photos: Path) -> None:
    made = first(
        batches(photos, PLAIN, HintOptions(probability=0.5, geometric_probability=1.0, mean_count=4, max_patch_size=1)),
        60,
    )
    with_hints = torch.cat([batch.hints[:, 2].flatten(1).sum(1) > 0 for batch in made]).float().mean()
    assert 0.35 < with_hints < 0.65
    for batch in made:
        shown = batch.hints[:, 2:] > 0
        assert torch.equal(batch.hints[:, :2] * shown, batch.hints[:, :2])
        assert ((batch.hints[:, :2] - batch.ab) * shown).abs().max() < 1e-4
    number = torch.cat([batch.hints[:, 2].flatten(1).sum(1) for batch in made])
    assert 3 < number[number > 0].mean() < 5


def test_wider_patches_lie_inside_and_are_of_one_colour(photos: Path) -> None:
    (batch,) = first(batches(photos, PLAIN, HintOptions(probability=1, geometric_probability=0, max_patch_size=3)), 1)
    assert 0.1 < batch.hints[:, 2].mean() < 1
    assert torch.isfinite(batch.hints).all()


def test_lightness_is_aged_within_its_range(photos: Path) -> None:
    plain = first(batches(photos, PLAIN, NONE), 1)[0]
    aged = first(batches(photos, AugmentationOptions(hflip=0, crop=0, tone=1, noise=1, blur=1), NONE), 1)[0]
    assert torch.equal(plain.ab, aged.ab)
    assert 0 <= aged.lightness.min() <= aged.lightness.max() <= 100
    assert (plain.lightness - aged.lightness).abs().flatten(1).mean(1).min() > 0.5
