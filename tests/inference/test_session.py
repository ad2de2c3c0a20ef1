"""The engine on the shipped network: shapes, settings, devices, hints."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from skimage import color, data, transform

from photochrom.errors import CorruptWeightsError, DeviceError, OptionError
from photochrom.inference.session import OnnxSession, available_devices
from photochrom.registry import find_model


@pytest.fixture(scope="module")
def engine() -> OnnxSession:
    return OnnxSession(find_model(), threads=1)


@pytest.fixture(scope="module")
def lightness() -> np.ndarray:
    photo = transform.resize(data.coffee(), (160, 224), anti_aliasing=True)
    return color.rgb2lab(photo)[..., 0].astype(np.float32)


@pytest.mark.parametrize("size", [(32, 32), (64, 96), (256, 160)])
def test_shapes_and_ranges(engine: OnnxSession, size: tuple[int, int]) -> None:
    prediction = engine.predict(np.full(size, 50, np.float32))
    assert prediction.ab.shape == (2, size[0] // 4, size[1] // 4)
    assert prediction.confidence is not None
    assert prediction.confidence.shape == prediction.ab.shape[1:]
    assert 0 <= prediction.confidence.min() <= prediction.confidence.max() <= 1
    assert np.abs(prediction.ab).max() < 110


def test_vividness_zero_is_the_mean_of_the_distribution(engine: OnnxSession, lightness: np.ndarray) -> None:
    probability = engine.probability(lightness)
    assert np.allclose(probability.sum(0), 1, atol=1e-4)
    mean = np.einsum("qhw,qc->chw", probability, np.array(engine.card.bins, np.float32))
    assert np.abs(mean - engine.predict(lightness, vividness=0).ab).max() < 0.05


def test_vividness_raises_chroma_step_by_step(engine: OnnxSession, lightness: np.ndarray) -> None:
    chroma = [np.hypot(*engine.predict(lightness, vividness=v).ab).mean() for v in (0, 0.5, 1, 1.5, 2)]
    assert chroma == sorted(chroma)
    assert chroma[-1] > 1.2 * chroma[0]


def test_confidence_is_the_networks_own_whatever_the_vividness(engine: OnnxSession, lightness: np.ndarray) -> None:
    pale, bold = (engine.predict(lightness, vividness=v).confidence for v in (0, 2))
    assert pale is not None
    assert bold is not None
    assert np.allclose(pale, bold)


def test_hints_are_heard(engine: OnnxSession, lightness: np.ndarray) -> None:
    plain = engine.predict(lightness, vividness=0).ab
    hints = np.zeros((3, *plain.shape[1:]), np.float32)
    hints[:, 18:22, 26:30] = np.array([-30, -30, 1], np.float32)[:, None, None]
    steered = engine.predict(lightness, hints=hints, vividness=0).ab
    wanted = np.array([-30, -30])[:, None, None]
    here = np.s_[:, 18:22, 26:30]
    assert np.abs(steered[here] - wanted).mean() < 0.5 * np.abs(plain[here] - wanted).mean()
    corner = np.s_[:, :6, :6]
    assert np.abs(steered[corner] - plain[corner]).mean() < 4


def test_devices() -> None:
    assert "cpu" in available_devices()
    assert OnnxSession(find_model(), device="cpu", threads=1).device == "cpu"
    with pytest.raises(DeviceError, check=lambda error: error.code == "device.not_offered"):
        OnnxSession(find_model(), device="abacus")


def test_a_graph_that_is_not_its_card_is_refused() -> None:
    model = find_model()
    wrong = dataclasses.replace(model, card=dataclasses.replace(model.card, inputs=["lightness"]))
    with pytest.raises(CorruptWeightsError, check=lambda error: error.code == "device.graph_differs_from_card"):
        OnnxSession(wrong).predict(np.zeros((32, 32), np.float32))


def test_a_file_that_is_no_graph_is_refused() -> None:
    model = dataclasses.replace(find_model(), data=b"no graph at all", path=Path("none.onnx"))
    with pytest.raises(CorruptWeightsError, check=lambda error: error.code == "device.graph_unreadable"):
        OnnxSession(model).predict(np.zeros((32, 32), np.float32))


def test_a_network_without_distribution_says_so(engine: OnnxSession) -> None:
    plain = OnnxSession.__new__(OnnxSession)
    plain.__dict__.update(engine.__dict__)
    plain.card = dataclasses.replace(engine.card, vividness=[], inputs=["lightness"], outputs=["ab"])
    flat = np.zeros((32, 32), np.float32)
    with pytest.raises(OptionError, check=lambda error: error.code == "option.no_vividness"):
        plain.predict(flat, vividness=0.5)
    with pytest.raises(OptionError, check=lambda error: error.code == "option.no_hints"):
        plain.predict(flat, hints=np.zeros((3, 8, 8), np.float32))
    with pytest.raises(OptionError, check=lambda error: error.code == "option.no_distribution"):
        plain.probability(flat)
