from pathlib import Path

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.datasets.sources.photo_set import open_photos
from photochrom.training.augment.affine import warp
from photochrom.training.augment.aging import age
from photochrom.training.augment.transforms import crop
from photochrom.training.data.batch_plan import Draw
from photochrom.training.data.dataset import Samples
from photochrom.training.schema import AugmentationOptions, HintOptions

PLAIN = {"hflip": 0.0, "crop": 0.0, "tone": 0.0, "noise": 0.0, "blur": 0.0}


def rng(*seed: int) -> np.random.Generator:
    return np.random.default_rng([5, *seed])


def test_nothing_to_do_is_the_plain_cut() -> None:
    photo = Image.fromarray(skimage.data.chelsea())
    plain = AugmentationOptions(**PLAIN)
    straight = crop(photo, 96, plain, rng(1))
    warped = warp(photo, 96, side=300, center=(150 + _left(photo), 150), options=plain, rng=rng(2))
    # two ways to reduce: the plain cut in one step, the warp by two
    assert np.abs(straight.astype(float) - warped.astype(float)).mean() < 2.5


def _left(photo: Image.Image) -> int:
    generator = rng(1)
    generator.random()
    return int(generator.integers(0, photo.width - photo.height + 1))


def test_a_quarter_turn_is_a_quarter_turn() -> None:
    class Quarter:
        def uniform(self, low: float, high: float) -> float:
            return high if high == 90 else (low + high) / 2

    photo = Image.fromarray(skimage.data.astronaut()).resize((128, 128))
    options = AugmentationOptions(**PLAIN, rotation=90.0)
    turned = warp(photo, 128, side=128, center=(64, 64), options=options, rng=Quarter())
    assert np.abs(turned.astype(int) - np.rot90(np.asarray(photo), 1).astype(int)).max() <= 1


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    width=st.integers(9, 90),
    height=st.integers(9, 90),
    rotation=st.floats(0, 180),
    shear=st.floats(0, 1),
    zoom=st.floats(0, 0.9),
    border=st.sampled_from(["inside", "reflect"]),
    seed=st.integers(0, 99),
)
def test_nothing_comes_from_beyond_the_photo(width, height, rotation, shear, zoom, border, seed) -> None:
    # all bands are 200: anything else would be from nowhere
    photo = Image.new("RGB", (width, height), (200, 200, 200))
    options = AugmentationOptions(crop=1, min_crop_scale=0.3, rotation=rotation, shear=shear, zoom=zoom, border=border)
    square = crop(photo, 32, options, rng(seed), warp_rng=rng(seed, 3))
    assert square.shape == (32, 32, 3)
    assert square.dtype == np.uint8
    assert (square == 200).all()


def test_inside_shows_less_where_reflect_mirrors() -> None:
    photo = Image.new("RGB", (60, 60), (0, 0, 200))
    photo.paste((200, 0, 0), (20, 20, 40, 40))
    share = {}
    for border in ("inside", "reflect"):
        options = AugmentationOptions(**PLAIN, rotation=45.0, border=border)
        squares = [crop(photo, 64, options, rng(n), warp_rng=rng(n, 3)) for n in range(20)]
        share[border] = np.mean([square[..., 0].mean() / 200 for square in squares])
    assert share["inside"] > 1.3 * share["reflect"] > 0.05


def test_switching_an_effect_on_changes_nothing_else(folder: Path) -> None:
    def sample(**options):
        photos = open_photos([str(folder)])
        augmentation = AugmentationOptions(**{"tone": 1, "noise": 1, "blur": 1} | options)
        made = Samples(photos, augmentation=augmentation, hints=HintOptions(probability=1), output_stride=4, seed=5)
        return made.sample(Draw(0, 3, 32))

    plain, old = sample(), sample(fade=1, scratches=1)
    assert not np.array_equal(plain[0], old[0])
    assert np.array_equal(plain[1], old[1])
    assert np.array_equal(plain[2], old[2])
    turned, again = (sample(rotation=20, shear=0.2, zoom=0.2) for _ in range(2))
    assert not np.array_equal(plain[1], turned[1])
    assert all(np.array_equal(a, b) for a, b in zip(turned, again, strict=True))


def test_a_faded_print_has_lost_its_blacks_and_whites() -> None:
    lightness = np.tile(np.linspace(0, 100, 64, dtype=np.float32), (64, 1))
    options = AugmentationOptions(fade=1, scratches=0)
    for seed in range(20):
        faded = age(lightness, options, rng(seed))
        assert faded.dtype == np.float32
        assert 0 <= faded.min() <= faded.max() <= 100
        assert np.ptp(faded.mean(0)) < 97
        # dark stays darker than light
        assert (np.diff(faded.mean(0)) > -1).all()


def test_scratches_are_few_thin_and_of_one_tone() -> None:
    lightness = np.full((128, 96), 50, np.float32)
    options = AugmentationOptions(fade=0, scratches=1)
    touched = []
    for seed in range(60):
        scratched = age(lightness, options, rng(seed))
        assert 0 <= scratched.min() <= scratched.max() <= 100
        changed = np.abs(scratched - 50) > 1
        touched.append(changed.mean())
        assert not changed.any() or (scratched[changed] > 50).all() or (scratched[changed] < 50).all()
    assert 0.002 < np.median(touched) < 0.06
    assert max(touched) < 0.25


@pytest.mark.parametrize("effect", ["fade", "scratches"])
def test_an_effect_off_does_nothing(effect: str) -> None:
    lightness = np.random.default_rng(0).uniform(0, 100, (32, 32)).astype(np.float32)
    assert np.array_equal(age(lightness, AugmentationOptions(), rng(1)), lightness)
    assert not np.array_equal(age(lightness, AugmentationOptions(**{effect: 1}), rng(1)), lightness)
