"""Another photo's colours, on photos whose truth is known."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from photochrom import Colorizer, Hint
from photochrom.color.conversion import srgb_to_lab
from photochrom.errors import OptionError, UnreadablePictureError
from photochrom.evaluation.inputs.protocol import crop, gray_of
from photochrom.evaluation.metrics import psnr
from photochrom.image_io import read_picture
from photochrom.steering.reference_matching import FEWEST, MOST, FeatureGrid, find_matches, match_reference

FILMS = Path(__file__).parents[2] / "../shared/data/video"
PHOTOS = {name: crop(Image.fromarray(getattr(data, name)())) for name in ("astronaut", "chelsea", "coffee")}


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=2)


def made_of(colorizer: Colorizer, truth: np.ndarray, **steering: object) -> tuple[float, int | None]:
    """PSNR of a colouring, dB, and the matches it used."""
    result = colorizer(gray_of(truth), vividness=0.0, **steering)
    return psnr(result.picture.pages[0].pixels / 255, truth / 255), result.matches


def relit(photo: np.ndarray) -> np.ndarray:
    return np.rint((photo / 255) ** 1.5 * 230).astype(np.uint8)


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize(
    "change",
    [lambda p: p, lambda p: p[:, ::-1].copy(), relit],
    ids=["itself", "mirrored", "darkened"],
)
def test_a_photo_finds_its_own_colours(colorizer: Colorizer, name: str, change: object) -> None:
    truth = PHOTOS[name]
    plain, none = made_of(colorizer, truth)
    found, matches = made_of(colorizer, truth, reference=change(truth))
    assert none is None
    assert matches is not None
    assert FEWEST <= matches <= MOST
    assert found > plain + 2.0


def test_a_part_in_another_size_is_enough_for_the_rest_to_follow(colorizer: Colorizer) -> None:
    truth = PHOTOS["astronaut"]
    part = np.asarray(Image.fromarray(truth[20:220, 20:220]).resize((320, 320)))
    assert made_of(colorizer, truth, reference=part)[0] > made_of(colorizer, truth)[0] + 1.0


def test_an_unrelated_photo_does_little(colorizer: Colorizer) -> None:
    names = list(PHOTOS)
    lost = [
        made_of(colorizer, PHOTOS[one])[0] - made_of(colorizer, PHOTOS[one], reference=PHOTOS[other])[0]
        for one, other in zip(names, names[1:] + names[:1], strict=True)
    ]
    assert max(lost) < 0.3


def test_a_hint_holds_where_the_reference_says_otherwise(colorizer: Colorizer) -> None:
    truth = PHOTOS["astronaut"]
    hint = Hint(x=60, y=200, color="#3355aa", radius=6)
    result = colorizer(gray_of(truth), reference=truth, hints=[hint])
    lab = srgb_to_lab(result.picture.pages[0].pixels.transpose(2, 0, 1) / 255)
    assert np.linalg.norm(lab[1:, 200, 60] - hint.ab) < 6


def test_a_reference_without_colours_is_refused(colorizer: Colorizer) -> None:
    gray = gray_of(PHOTOS["coffee"])
    for other in (gray, np.stack([gray] * 3, -1)):
        with pytest.raises(OptionError, check=lambda error: error.code == "option.gray_reference"):
            colorizer(gray, reference=other)
    with pytest.raises(UnreadablePictureError):
        colorizer(gray, reference=b"no picture")


def test_variations_and_suggestions_take_it_too(colorizer: Colorizer) -> None:
    truth = PHOTOS["coffee"]
    results = colorizer.variations(gray_of(truth), 1, input_size=128, reference=truth)
    assert all(result.matches and result.matches >= FEWEST for result in results)
    place = (200.0, 60.0)
    plain = colorizer.suggest_colors(gray_of(truth), *place)
    assert colorizer.suggest_colors(gray_of(truth), *place, reference=truth) != plain


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (64, 64)])
def test_odd_shapes_match_nothing_or_something(colorizer: Colorizer, shape: tuple[int, int]) -> None:
    gray = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    hints = match_reference(colorizer.predictor, read_picture(gray).pages[0], read_picture(PHOTOS["coffee"]).pages[0])
    assert all(0 <= hint.x <= shape[1] and 0 <= hint.y <= shape[0] for hint in hints)


def test_a_network_without_features_says_so(colorizer: Colorizer) -> None:
    engine = Colorizer(threads=1).predictor._session
    object.__setattr__(engine.card, "outputs", ["ab", "confidence", "probability"])
    with pytest.raises(OptionError, check=lambda error: error.code == "option.no_features"):
        engine.features(np.full((64, 64), 50, np.float32))


def planted(rng: np.random.Generator, *, flipped: bool = False) -> tuple[FeatureGrid, FeatureGrid]:
    """Two looks of 12 x 16 cells, of which the second is the first moved by three columns, or mirrored."""
    features = rng.standard_normal((32, 12, 16)).astype(np.float32)
    light = np.full((12, 16), 50, np.float32)
    other = features[:, :, ::-1] if flipped else np.roll(features, 3, axis=2)
    return FeatureGrid(features, light), FeatureGrid(other.copy(), light)


@pytest.mark.parametrize("flipped", [False, True])
def test_what_is_planted_is_found(flipped: bool) -> None:
    own, other = planted(np.random.default_rng(0), flipped=flipped)
    found = find_matches(own, other)
    rows, columns = np.indices(found.shape)
    moved = 15 - columns if flipped else (columns + 3) % 16
    kept = found >= 0
    assert kept.mean() > 0.6
    assert np.array_equal(found[kept], (rows * 16 + moved)[kept])


def test_chance_and_other_light_are_not_matched() -> None:
    rng = np.random.default_rng(0)
    own, other = planted(rng)
    stranger = FeatureGrid(rng.standard_normal((32, 12, 16)).astype(np.float32), own.lightness)
    assert (find_matches(own, stranger) >= 0).sum() == 0
    checkered = own.lightness + np.where(np.indices((12, 16)).sum(0) % 2, 30, -30).astype(np.float32)
    assert (find_matches(own, FeatureGrid(other.features, checkered)) >= 0).sum() == 0


@pytest.mark.skipif(not FILMS.exists(), reason="shared data not here")
def test_one_frame_of_a_film_colours_another(colorizer: Colorizer) -> None:
    av = pytest.importorskip("av", reason="films need the video extra")
    frames = []
    with av.open(str(FILMS / "bikes_colour_cuts.mp4")) as film:
        for number, frame in enumerate(film.decode(video=0)):
            if number in (5, 17):
                frames.append(crop(Image.fromarray(frame.to_ndarray(format="rgb24"))))
            if number == 17:
                break
    earlier, later = frames
    assert made_of(colorizer, later, reference=earlier)[0] > made_of(colorizer, later)[0] + 0.5
