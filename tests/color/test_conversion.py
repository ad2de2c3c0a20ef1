"""color.py against scikit-image and kornia, round trips, gradients, gamut and bins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage import color as oracle

from photochrom.color import conversion as color

steady = settings(deadline=None, derandomize=True)
planes = arrays(np.float64, (3, 4, 5), elements=st.floats(0, 1))
lab_planes = st.tuples(
    arrays(np.float64, (1, 4, 5), elements=st.floats(0, 100)),
    arrays(np.float64, (2, 4, 5), elements=st.floats(-128, 128)),
).map(lambda parts: np.concatenate(parts))


def grid(steps: int = 17) -> np.ndarray:
    axis = np.linspace(0, 1, steps)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij")).reshape(3, steps, steps * steps)


def test_lab_equals_scikit_image() -> None:
    rgb = grid()
    expected = oracle.rgb2lab(np.moveaxis(rgb, 0, -1))
    assert np.abs(np.moveaxis(color.srgb_to_lab(rgb), 0, -1) - expected).max() < 1e-9


def test_srgb_equals_scikit_image() -> None:
    lab = color.srgb_to_lab(grid())
    expected = oracle.lab2rgb(np.moveaxis(lab, 0, -1))
    assert np.abs(np.moveaxis(color.lab_to_srgb(lab), 0, -1) - expected).max() < 1e-9


def test_torch_equals_kornia_both_ways() -> None:
    torch = pytest.importorskip("torch", reason="needs the train extra")
    kornia = pytest.importorskip("kornia", reason="needs kornia")
    rgb = torch.from_numpy(grid())[None]
    lab = color.srgb_to_lab(rgb)
    assert (lab - kornia.color.rgb_to_lab(rgb)).abs().max() < 1e-9
    # kornia writes its inverse matrix with 16 digits of another rounding of the same numbers
    assert (color.lab_to_srgb(lab) - kornia.color.lab_to_rgb(lab)).abs().max() < 1e-9


def test_one_text_for_numpy_and_torch() -> None:
    torch = pytest.importorskip("torch", reason="needs the train extra")
    lab = np.random.default_rng(0).uniform([[[0]], [[-90]], [[-90]]], [[[100]], [[90]], [[90]]], (3, 8, 9))
    for name in ("lab_to_srgb", "fit_gamut", "gamut_scale", "lab_to_linear"):
        function = getattr(color, name)
        assert np.abs(function(lab) - function(torch.from_numpy(lab)).numpy()).max() < 1e-12, name


@steady
@given(planes)
def test_round_trip_from_srgb(rgb: np.ndarray) -> None:
    assert np.abs(color.lab_to_srgb(color.srgb_to_lab(rgb)) - rgb).max() < 1e-5


@steady
@given(lab_planes)
def test_round_trip_from_lab_beyond_the_gamut(lab: np.ndarray) -> None:
    assert np.abs(color.linear_to_lab(color.lab_to_linear(lab)) - lab).max() < 1e-2


def test_gradients_are_finite_at_black_white_and_out_of_gamut() -> None:
    torch = pytest.importorskip("torch", reason="needs the train extra")
    rgb = torch.tensor([0.0, 1.0, -0.2, 1.3, 1e-12, 0.0031308]).repeat(3, 1)[:, :, None].double().requires_grad_()
    lab = color.srgb_to_lab(rgb)
    lab.sum().backward()
    assert torch.isfinite(rgb.grad).all()
    given_lab = torch.tensor([[0.0, 0, 0], [0, 90, -90], [100, 80, 80], [50, -128, 128]]).T[:, :, None]
    given_lab = given_lab.double().requires_grad_()
    color.lab_to_srgb(given_lab).sum().backward()
    assert torch.isfinite(given_lab.grad).all()


def test_gradients_are_right() -> None:
    torch = pytest.importorskip("torch", reason="needs the train extra")
    rgb = torch.rand(3, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).mul(0.9).add(0.05)
    assert torch.autograd.gradcheck(color.srgb_to_lab, rgb.requires_grad_())
    assert torch.autograd.gradcheck(color.lab_to_srgb, color.srgb_to_lab(rgb).detach().requires_grad_())


@steady
@given(lab_planes)
def test_gamut_mapping_keeps_lightness_and_hue_and_lowers_chroma(lab: np.ndarray) -> None:
    out = color.fit_gamut(lab)
    assert np.array_equal(out[0], lab[0])
    srgb = color.lab_to_srgb(out)
    assert srgb.min() > -2e-3
    assert srgb.max() < 1 + 1e-4
    before, after = np.hypot(lab[1], lab[2]), np.hypot(out[1], out[2])
    assert (after <= before + 1e-9).all()
    # same hue: the cross product of both directions is nothing, and none turns round
    assert np.abs(lab[1] * out[2] - lab[2] * out[1]).max() < 1e-6
    assert ((lab[1] * out[1] + lab[2] * out[2]) >= 0).all()


def test_gamut_mapping_leaves_colours_inside_alone_and_goes_to_the_edge() -> None:
    inside = color.srgb_to_lab(grid())
    assert np.abs(color.fit_gamut(inside) - inside).max() < 0.02
    vivid = np.array([60.0, 120.0, 0.0]).reshape(3, 1, 1)
    edge = color.lab_to_linear(color.fit_gamut(vivid))
    assert min(abs(edge.max() - 1), abs(edge.min())) < 1e-3


def test_bins_are_the_cells_that_meet_the_gamut() -> None:
    bins = color.ab_bins()
    assert bins.shape == (261, 2)
    assert (bins % color.BIN_STEP == 0).all()
    cells = {tuple(cell) for cell in bins.tolist()}
    rgb = np.random.default_rng(1).uniform(size=(3, 500, 500))
    seen = np.rint(color.srgb_to_lab(rgb)[1:] / color.BIN_STEP) * color.BIN_STEP
    assert set(zip(*seen.reshape(2, -1).tolist(), strict=True)) <= cells
    # no cell is there for nothing: the nearest colour of the gamut lies in it
    surface = color.srgb_to_lab(grid(65))[1:].reshape(2, -1)
    nearest = [np.abs(surface - cell[:, None]).max(0).min() for cell in bins]
    assert max(nearest) <= color.BIN_STEP / 2 + 1


def test_planes_of_a_wrong_shape_are_named() -> None:
    with pytest.raises(ValueError, match=r"\(4, 4, 3\)"):
        color.srgb_to_lab(np.zeros((4, 4, 3)))
