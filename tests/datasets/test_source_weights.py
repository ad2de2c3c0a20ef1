from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photochrom.datasets.sources.photo_set import open_photos
from photochrom.errors import RecipeError
from photochrom.training.data.batch_plan import BatchPlan, Draw
from photochrom.training.data.datamodule import ColorData
from photochrom.training.data.source_weights import Share, weigh
from photochrom.training.schema import AugmentationOptions, BatchSize, DataOptions, HintOptions

SIZES = (BatchSize(image_size=32, batch_size=4),)


def shares(*weights: float, each: int = 10) -> list[Share]:
    import numpy as np

    return [Share(np.arange(each) + n * each, weight) for n, weight in enumerate(weights)]


def draws(plan: BatchPlan, epochs: int) -> list[Draw]:
    return [draw for epoch in range(epochs) for batch in plan.epoch(epoch) for draw in batch]


def test_photos_are_seen_as_often_as_they_weigh() -> None:
    plan = BatchPlan(30, (BatchSize(batch_size=1),), seed=1, shares=shares(0.25, 1.0, 2.5))
    seen = draws(plan, 8)
    counts = Counter(draw.index for draw in seen)
    assert {counts[index] for index in range(10)} == {2}
    assert {counts[index] for index in range(10, 20)} == {8}
    assert {counts[index] for index in range(20, 30)} == {20}
    # no turn comes twice: each has chance of its own
    assert len(set(seen)) == len(seen)
    first = [draw.index for draw in seen if draw.index < 10][:10]
    assert sorted(first) == list(range(10)) != first


@settings(deadline=None, derandomize=True, max_examples=40)
@given(weight=st.sampled_from([0.1, 0.5, 1.0, 3.0]), start=st.integers(0, 30), world=st.integers(1, 3))
def test_a_weighted_plan_entered_late_goes_on_as_if_never_left(weight: float, start: int, world: int) -> None:
    given_shares = shares(weight, 1.0)
    for rank in range(world):
        options = {"seed": 3, "rank": rank, "world": world, "shares": given_shares}
        whole = islice(BatchPlan(20, SIZES, **options), start, start + 6)
        assert list(whole) == list(islice(BatchPlan(20, SIZES, start=start * world, **options), 6))


def test_so_small_a_weight_that_an_epoch_has_no_photo() -> None:
    batches = islice(BatchPlan(10, SIZES, seed=1, shares=shares(0.01)), 3)
    assert [len(batch) for batch in batches] == [1, 1, 1]


def test_weights_go_by_folder_and_by_column(folder: Path, shards: Path, tars: Path) -> None:
    for place in (folder, tars):
        names = ["album 0", "album 1"] if place == folder else ["album0", "album1"]
        light, none, rest = (*weigh(open_photos([str(place)]), {names[0]: 0.5, names[1]: 0}), None)
        assert (light.weight, none.weight, rest) == (0.5, 1.0, None)
        assert len(light.indexes) == len(none.indexes) == 4
    (all_,) = weigh(open_photos([str(shards)]), {"made": 2})
    assert len(all_.indexes) == 12


@pytest.mark.parametrize(
    ("weights", "code"),
    [
        ({"albun 1": 0.5}, "unknown_source"),
        ({"album 1": -1.0}, "source_weight"),
        ({"album 1": "much"}, "source_weight"),
        ({"album 1": True}, "source_weight"),
        ({"album 0": 0, "album 1": 0.0, "album 2": 0}, "no_sources"),
    ],
)
def test_weights_that_do_not_fit_are_named(folder: Path, weights, code: str) -> None:
    with pytest.raises(RecipeError, check=lambda error: error.code == f"recipe.{code}"):
        weigh(open_photos([str(folder)]), weights)


def test_a_recipe_with_weights_reaches_the_loader(folder: Path) -> None:
    from photochrom.training.recipe import parse_recipe, resolved

    text = (Path(__file__).parents[2] / "recipes" / "tiny.yaml").read_text()
    recipe = parse_recipe(text, [f"data.train={folder}", "data.source_weights={album 0: 0, album 1: 2}"])
    assert parse_recipe(resolved(recipe)) == recipe
    options = DataOptions(
        train=recipe.data.train, source_weights=recipe.data.source_weights, batches=SIZES, num_workers=0
    )
    data = ColorData(options, augmentation=AugmentationOptions(), hints=HintOptions(), output_stride=4, seed=1)
    plan = data.train_dataloader().batch_sampler
    counts = Counter(data.photos.source(draw.index) for draw in draws(plan, 1))
    assert counts == {"album 1": 8, "album 2": 4}
