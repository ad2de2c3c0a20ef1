import contextlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from photochrom.errors import RecipeError
from photochrom.training.recipe import parse_recipe, read_recipe, resolved

RECIPES = Path(__file__).parents[2] / "recipes"
TEXT = (RECIPES / "photochrom_fast.yaml").read_text()


def test_a_resolved_recipe_says_all_and_means_the_same() -> None:
    recipe = parse_recipe(TEXT)
    assert parse_recipe(resolved(recipe)) == recipe
    assert yaml.safe_load(resolved(recipe))["optimizer"]["clip"] == 2.0


def test_overrides_are_typed() -> None:
    recipe = parse_recipe(
        TEXT, ["optimizer.rate=1e-3", "data.train=[a, b]", "schedule.minutes=3", "data.batches=[{photos: 2}]"]
    )
    assert recipe.optimizer.rate == 1e-3
    assert recipe.data.train == ("a", "b")
    assert recipe.schedule.minutes == 3.0
    assert recipe.data.batches[0].photos == 2


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("optimiser.rate=1", "no key 'optimiser'; did you mean 'optimizer'"),
        ("optimizer.rte=1", "no key 'optimizer.rte'; did you mean 'optimizer.rate'"),
        ("optimizer.rate=fast", "'optimizer.rate' is 'fast': give a number"),
        ("optimizer.rate=.nan", "give a number"),
        ("optimizer.rate=-1", "out of range: give 0 to 10"),
        ("optimizer.betas=[0.9]", "has 1 values: give 2"),
        ("optimizer.freeze_batch_norm=1", "give true or false"),
        ("data.workers=1.5", "give a whole number"),
        ("data.batches=[{pixels: 8}]", r"'data.batches\[0\].pixels' is 8, which is out of range: give 32 to 2048"),
        ("data.train=[]", "give one or more"),
        ("run.precision=fp8", "give one of bf16-mixed, 16-mixed, 32-true"),
        ("schedule=5", "'schedule' must be a section of keys"),
        ("network.options=[1]", "must be a section of named values"),
        ("network.architecture=photochrom_fats", "did you mean 'photochrom_fast'"),
        ("schedule.steps=5", "schedule.epochs, one of them: set the others to 0"),
        ("schedule.core_minutes=5", "schedule.epochs, one of them: set the others to 0"),
        ("schedule={epochs: 0}", "The budget must be schedule.minutes"),
        ("schedule.shape=step", "give schedule.period a length"),
        ("schedule.shape=linear", "give one of cosine, step, constant"),
        ("optimizer.kind=sgd", "give one of adamw, adam, rmsprop"),
        ("optimizer.momentum=0.9", "Only rmsprop takes a momentum"),
        ("optimizer.accumulate=0", "'optimizer.accumulate' is 0, which is out of range"),
        ("schedule.period_unit=days", "give one of epochs, steps, photos"),
        ("format=2", "recipe format 2; this version reads  format: 1"),
        ("format", "is no override: write  section.key=value"),
        ("name.x=1", "'name' is no section"),
        ("run={}", "lacks 'run.folder': add it"),
        ("run.folder=''", "must not be empty"),
        ("name=[", "is not valid YAML"),
        ("loss={cross_entropy: 0, regression: 0}", "All losses have weight 0"),
        ("data.batches=[{share: 0}]", "All batches have share 0"),
    ],
)
def test_what_no_recipe_can_say_is_named(override: str, says: str) -> None:
    with pytest.raises(RecipeError, match=says):
        parse_recipe(TEXT, [override])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("format: 1\nformat: 1\n", "line 1 .a key stands there twice"),
        ("[1, 2]", "no mapping"),
        ("format: 1\nname: x", "lacks 'run'"),
        ("a: &x [*x]", "holds a value|no key|recipe format"),
        ("[" * 5000, "not valid YAML|holds a value"),
        ("!!python/object/apply:os.system ['true']", "not valid YAML"),
        ("2001-99-99", "holds a value"),
    ],
)
def test_other_texts_are_named(text: str, says: str) -> None:
    with pytest.raises(RecipeError, match=says):
        parse_recipe(text)


def test_files_that_are_no_recipe_are_named(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(bytes(range(128, 256)))
    (tmp_path / "large").write_bytes(b" " * (2 << 20))
    for name, says in {
        "absent": "cannot be read",
        ".": "cannot be read",
        "binary": "no text",
        "large": "too large",
    }.items():
        with pytest.raises(RecipeError, match=says):
            read_recipe(tmp_path / name)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3),
    max_leaves=4,
)


@settings(deadline=None, derandomize=True, max_examples=80)
@given(data=st.data(), value=VALUES)
def test_any_change_of_value_is_read_or_refused_by_name(data: st.DataObject, value: Any) -> None:
    values = yaml.safe_load(TEXT)
    place = values
    while True:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = value
    # any other exception fails the test
    with contextlib.suppress(RecipeError):
        recipe = parse_recipe(yaml.safe_dump(values, allow_unicode=True))
        assert parse_recipe(resolved(recipe)) == recipe


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(0, len(TEXT) - 1), st.integers(0, 40), st.text(max_size=6))
def test_any_change_of_text_is_read_or_refused_by_name(start: int, length: int, replacement: str) -> None:
    # any other exception fails the test
    with contextlib.suppress(RecipeError):
        parse_recipe(TEXT[:start] + replacement + TEXT[start + length :])
