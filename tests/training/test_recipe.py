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
    assert yaml.safe_load(resolved(recipe))["optimizer"]["grad_clip_norm"] == 2.0


def test_overrides_are_typed() -> None:
    recipe = parse_recipe(
        TEXT, ["optimizer.lr=1e-3", "data.train=[a, b]", "schedule.max_minutes=3", "data.batches=[{batch_size: 2}]"]
    )
    assert recipe.optimizer.lr == 1e-3
    assert recipe.data.train == ("a", "b")
    assert recipe.schedule.max_minutes == 3.0
    assert recipe.data.batches[0].batch_size == 2


@pytest.mark.parametrize(
    ("override", "code", "details"),
    [
        ("optimiser.lr=1", "unknown_key", {"key": "optimiser", "near": "optimizer"}),
        ("optimizer.lrr=1", "unknown_key", {"key": "optimizer.lrr", "near": "optimizer.lr"}),
        ("optimizer.lr=fast", "wrong_type", {"key": "optimizer.lr", "value": "'fast'", "expected": "a number"}),
        ("optimizer.lr=.nan", "wrong_type", {}),
        ("optimizer.lr=-1", "out_of_range", {"low": 0, "high": 10}),
        ("optimizer.betas=[0.9]", "wrong_length", {"count": 1, "expected": "2"}),
        ("optimizer.freeze_batch_norm=1", "wrong_type", {"expected": "true or false"}),
        ("data.num_workers=1.5", "wrong_type", {"expected": "a whole number"}),
        ("data.batches=[{image_size: 8}]", "out_of_range", {"key": "data.batches[0].image_size", "low": 32}),
        ("data.train=[]", "wrong_length", {"expected": "one or more"}),
        ("run.precision=fp8", "not_a_choice", {"choices": "bf16-mixed, 16-mixed, 32-true"}),
        ("schedule=5", "section_expected", {"key": "schedule"}),
        ("network.options=[1]", "section_expected", {"key": "network.options"}),
        ("schedule.max_steps=5", "not_one_budget", {}),
        ("schedule.max_cpu_minutes=5", "not_one_budget", {}),
        ("schedule={epochs: 0}", "not_one_budget", {}),
        ("schedule.scheduler=step", "period_missing", {}),
        ("schedule.scheduler=linear", "not_a_choice", {"choices": "cosine, step, constant"}),
        ("optimizer.name=sgd", "not_a_choice", {"choices": "adamw, adam, rmsprop"}),
        ("optimizer.momentum=0.9", "momentum_unsupported", {"optimizer": "adamw"}),
        ("optimizer.accumulate_grad_batches=0", "out_of_range", {"key": "optimizer.accumulate_grad_batches"}),
        ("schedule.period_unit=days", "not_a_choice", {"choices": "epochs, steps, photos"}),
        ("format=3", "unknown_format", {"version": 3, "format": 2}),
        ("format", "invalid_override", {}),
        ("name.x=1", "not_a_section", {"section": "name"}),
        ("run={}", "missing_key", {"key": "run.output_dir"}),
        ("run.output_dir=''", "empty_value", {"key": "run.output_dir"}),
        ("name=[", "invalid_yaml", {}),
        ("loss={cross_entropy: 0, mse: 0}", "no_loss", {}),
        ("data.batches=[{weight: 0}]", "no_batches", {}),
    ],
)
def test_what_no_recipe_can_say_is_named(override: str, code: str, details: dict[str, object]) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_recipe(TEXT, [override])
    assert caught.value.code == f"recipe.{code}"
    assert details.items() <= caught.value.details.items()


def test_an_unknown_architecture_is_named() -> None:
    with pytest.raises(RecipeError) as caught:
        parse_recipe(TEXT, ["network.architecture=photochrom_fats"])
    assert (caught.value.code, caught.value.details["near"]) == ("architecture.unknown", "photochrom_fast")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("format: 2\nformat: 2\n", {"invalid_yaml"}),
        ("[1, 2]", {"not_a_mapping"}),
        ("format: 2\nname: x", {"missing_key"}),
        ("a: &x [*x]", {"unknown_format"}),
        ("[" * 5000, {"invalid_yaml", "impossible_value"}),
        ("!!python/object/apply:os.system ['true']", {"invalid_yaml"}),
        ("2001-99-99", {"impossible_value"}),
    ],
)
def test_other_texts_are_named(text: str, codes: set[str]) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_recipe(text)
    assert caught.value.code.removeprefix("recipe.") in codes


def test_files_that_are_not_a_recipe_are_named(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(bytes(range(128, 256)))
    (tmp_path / "large").write_bytes(b" " * (2 << 20))
    for name, code in {
        "absent": "unreadable",
        ".": "unreadable",
        "binary": "not_text",
        "large": "too_large",
    }.items():
        with pytest.raises(RecipeError) as caught:
            read_recipe(tmp_path / name)
        assert caught.value.code == f"recipe.{code}"


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
