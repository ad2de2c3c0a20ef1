"""A processor that only imitates bfloat16 trains in float32, and says so."""

import logging
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from photochrom.training import precision
from photochrom.training.precision import has_fast_bfloat16, suit_precision
from photochrom.training.trainer import fit


def fake_capabilities(monkeypatch: pytest.MonkeyPatch, found: dict[str, Any] | None) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", None if found is None else lambda: found, raising=False)


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx512_bf16": True, "amx_bf16": False, "avx2": True}, True),
        ({"avx512_bf16": False, "amx_bf16": True}, True),
        ({"avx512_bf16": False, "amx_bf16": False, "avx2": True}, False),
    ],
)
def test_torch_says_what_the_processor_can(
    capabilities: dict[str, Any], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_capabilities(monkeypatch, capabilities)
    assert has_fast_bfloat16() is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("processor : 0\nflags\t\t: fpu avx2 avx512f\n", False),
        ("processor : 0\nflags\t\t: fpu avx512f avx512_bf16 sha_ni\n", True),
        ("processor : 0\nflags\t\t: fpu amx_bf16 amx_tile\n", True),
        ("processor : 0\nFeatures\t: fp asimd bf16\n", True),
        ("processor : 0\nFeatures\t: fp asimd\n", False),
        ("processor : 0\n", None),
        (None, None),
    ],
)
def test_without_it_the_system_does(
    text: str | None, expected: bool | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_capabilities(monkeypatch, None)
    monkeypatch.setattr(precision, "CPUINFO", tmp_path / "cpuinfo")
    if text is not None:
        (tmp_path / "cpuinfo").write_text(text)
    assert has_fast_bfloat16() is expected


def test_only_a_slow_processor_that_trains_changes_the_recipe(
    tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    half = tiny(tmp_path, "run.precision=bf16-mixed", "run.accelerator=cpu")
    for fast in (True, None):
        monkeypatch.setattr(precision, "has_fast_bfloat16", lambda fast=fast: fast)
        assert suit_precision(half) is half
    monkeypatch.setattr(precision, "has_fast_bfloat16", lambda: False)
    for other in ("run.precision=32-true", "run.accelerator=gpu"):
        recipe = tiny(tmp_path, "run.precision=bf16-mixed", "run.accelerator=cpu", other)
        assert suit_precision(recipe) is recipe
    assert not caplog.records
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    automatic = tiny(tmp_path, "run.precision=bf16-mixed")
    assert suit_precision(automatic) is automatic
    with caplog.at_level(logging.WARNING):
        assert suit_precision(half).run.precision == "32-true"
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_the_run_folder_records_what_was_used(
    tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(precision, "has_fast_bfloat16", lambda: False)
    fit(tiny(tmp_path, "run.precision=bf16-mixed", "run.accelerator=cpu"), progress=False)
    assert yaml.safe_load((tmp_path / "recipe.yaml").read_text())["run"]["precision"] == "32-true"
    assert len(caplog.records) == 1
