"""The catalog: strict cards, checksums, and names that are nearly right."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom import registry as catalog
from photochrom.colorizer import Colorizer
from photochrom.errors import CorruptWeightsError, UnknownModelError
from photochrom.registry import ModelCard, find_model, list_models, model_names, seal

WHOLE = find_model().data


def test_every_shipped_network_has_a_good_card() -> None:
    cards = list_models()
    assert cards[0].name == catalog.DEFAULT_MODEL
    for card in cards:
        assert card.license
        assert card.training_data
        assert "psnr" in card.scores
        assert len(card.vividness) in (0, 3)


def test_a_file_is_a_model_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(WHOLE)
    assert find_model(path).card == find_model().card


def test_a_name_nearly_right_is_suggested() -> None:
    with pytest.raises(UnknownModelError) as caught:
        find_model("photochrome_fast")
    assert caught.value.code == "model.misspelled"
    assert caught.value.details["suggestion"] == "photochrom_fast"
    with pytest.raises(UnknownModelError) as caught:
        find_model("no-such-network")
    assert caught.value.code == "model.unknown"


@settings(deadline=None, derandomize=True, max_examples=40)
@given(place=st.integers(0, len(WHOLE) - 1), change=st.integers(1, 255))
def test_one_altered_byte_is_found(tmp_path_factory: pytest.TempPathFactory, place: int, change: int) -> None:
    path = tmp_path_factory.mktemp("altered") / "altered.onnx"
    data = bytearray(WHOLE)
    data[place] ^= change
    path.write_bytes(data)
    with pytest.raises(CorruptWeightsError):
        find_model(path)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(length=st.integers(0, len(WHOLE) - 1))
def test_a_cut_file_is_found(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "cut.onnx"
    path.write_bytes(WHOLE[:length])
    with pytest.raises(CorruptWeightsError):
        find_model(path)


def test_the_shipped_file_must_be_the_one_the_catalog_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # another file, sealed and whole, under the shipped name
    start = WHOLE.rfind(catalog.CARD_KEY.encode())
    stated = find_model().card.sha256.encode()
    blank = WHOLE[:start] + WHOLE[start:].replace(stated, b"0" * 64, 1)
    (tmp_path / "photochrom_fast.onnx").write_bytes(seal(blank + b"\x00"))
    monkeypatch.setattr(catalog, "WEIGHTS", tmp_path)
    with pytest.raises(CorruptWeightsError) as caught:
        find_model()
    assert caught.value.code == "model.altered"


def card_entries() -> dict[str, object]:
    start = WHOLE.index(b"{", WHOLE.rfind(catalog.CARD_KEY.encode()))
    entries: dict[str, object] = json.JSONDecoder().raw_decode(WHOLE[start:].decode("utf-8", errors="replace"))[0]
    return entries


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", 2),
        ("stride", "32"),
        ("stride", 0),
        ("sizes", []),
        ("sizes", [0]),
        ("sizes", 256),
        ("bins", [[1, 2, 3]]),
        ("scores", {"psnr": "high"}),
        ("more", 1),
    ],
)
def test_a_card_is_read_strictly(key: str, value: object) -> None:
    with pytest.raises(CorruptWeightsError):
        ModelCard.from_json({**card_entries(), key: value}, "it")


@pytest.mark.parametrize("key", ["name", "bins", "sha256", "format"])
def test_a_card_misses_nothing(key: str) -> None:
    entries = card_entries()
    del entries[key]
    with pytest.raises(CorruptWeightsError):
        ModelCard.from_json(entries, "it")


def test_only_a_blank_card_is_sealed() -> None:
    with pytest.raises(CorruptWeightsError) as caught:
        seal(WHOLE)
    assert caught.value.code == "model.seal_blank"


@pytest.mark.parametrize("name", [name for name in model_names() if not name.startswith("photochrom")])
def test_the_older_systems_work_from_a_checkout(name: str) -> None:
    model = find_model(name)
    assert model.path.parent == catalog.ZOO
    assert len(model.data) <= 10_000_000
    # it was measured, and is better than gray
    assert model.card.scores["psnr"] > 22.23
    # eccv16 is as bold by default as its paper, and pays for it: docs/zoo.md says so
    assert (model.card.scores["auc_raw"] > 88.24) == (name != "eccv16")
    photo = np.asarray(Image.open(catalog.ZOO.parent / "docs" / "photos" / "astronaut_gray.jpg"))
    made = np.asarray(Colorizer(name)(photo).to_pil(), np.float64)
    assert np.ptp(made, axis=-1).mean() > 5


def test_the_zoo_holds_no_network_that_the_catalog_does_not_know() -> None:
    known = {find_model(name).path.name for name in model_names()}
    assert {path.name for path in catalog.ZOO.glob("*.onnx")} <= known
