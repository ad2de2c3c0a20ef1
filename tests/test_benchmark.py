"""The shipped network on real photos it has never seen: a floor under its quality, and what its confidence is worth."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2lab

from photochrom import Colorizer
from photochrom.evaluation.inputs.protocol import crop, gray_of, score

VAL = Path(__file__).parents[1] / "../shared/data/benchmark/val.parquet"
HISTORICAL = Path(__file__).parents[1] / "../shared/data/historical"

pytestmark = pytest.mark.skipif(not VAL.exists(), reason="the benchmark photos (shared/data) are not here")


@pytest.fixture(scope="module")
def truths() -> list[np.ndarray]:
    parquet = pytest.importorskip("pyarrow.parquet", reason="reading the benchmark needs the train extra")
    rows = parquet.read_table(VAL).column("image").to_pylist()[::8]
    return [crop(Image.open(io.BytesIO(row["bytes"]))) for row in rows]


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer()


def test_quality_on_unseen_photos(colorizer: Colorizer, truths: list[np.ndarray]) -> None:
    def run(vividness: float):
        return lambda gray: colorizer(gray, vividness=vividness).picture.pages[0].pixels

    gray = score(truths, lambda gray: np.stack([gray] * 3, -1))
    careful, default = (score(truths, run(v)) for v in (0.0, 1.0))
    assert careful.psnr > gray.psnr + 1.0
    assert careful.auc_raw > gray.auc_raw + 1.0
    assert default.auc_rebalanced > gray.auc_rebalanced + 2.0
    assert 0.5 < default.colorfulness / default.colorfulness_truth < 1.1


def test_the_surer_the_nearer(colorizer: Colorizer, truths: list[np.ndarray]) -> None:
    sure, wrong = [], []
    for truth in truths:
        result = colorizer(gray_of(truth), vividness=0.0)
        made, true = (rgb2lab(p / 255)[::4, ::4, 1:] for p in (result.picture.pages[0].pixels, truth))
        sure.append(result.confidence_map.ravel())
        wrong.append(np.linalg.norm(made - true, axis=-1).ravel())
    sure, wrong = np.concatenate(sure), np.concatenate(wrong)
    order = wrong[np.argsort(sure)]
    fifths = [part.mean() for part in np.array_split(order, 5)]
    assert fifths == sorted(fifths, reverse=True)
    assert fifths[-1] < fifths[0] / 2
    # calibrated: it says how often the truth is near the mean
    assert abs(sure.mean() - np.mean(wrong <= 15)) < 0.1


@pytest.mark.parametrize("name", sorted(path.name for path in HISTORICAL.glob("*.*")) or ["none"])
def test_old_photos_keep_their_lightness(colorizer: Colorizer, name: str) -> None:
    source = np.asarray(Image.open(HISTORICAL / name).convert("RGB"))
    made = colorizer(HISTORICAL / name).picture.pages[0].pixels
    error = np.abs(rgb2lab(made / 255)[..., 0] - rgb2lab(source / 255)[..., 0])
    assert np.mean(error <= 0.6) >= 0.99
