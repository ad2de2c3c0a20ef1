import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from photochrom.color.conversion import ab_bins
from photochrom.training.losses.soft_encoding import SoftEncoder

BINS = torch.from_numpy(ab_bins())
ENCODE = SoftEncoder(BINS)
KNOWN = {tuple(cell) for cell in BINS.int().tolist()}
coordinate = st.floats(-140, 140, width=32)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=20))
def test_weights_are_shares_and_their_mean_is_the_colour(colors: list[tuple[float, float]]) -> None:
    ab = torch.tensor(colors)
    found, weights = ENCODE(ab)
    assert found.shape == weights.shape == (len(ab), 4)
    assert (weights >= 0).all()
    assert torch.allclose(weights.sum(1), torch.ones(len(ab)), atol=1e-5)
    mean = (BINS[found] * weights[..., None]).sum(1)
    low = (ab / 10).floor().int() * 10
    for row, (a, b) in enumerate(low.tolist()):
        if {(a + i, b + j) for i in (0, 10) for j in (0, 10)} <= KNOWN:
            assert torch.allclose(mean[row], ab[row], atol=1e-3)


def test_a_bin_centre_is_itself() -> None:
    found, weights = ENCODE(BINS)
    assert torch.equal(found.gather(1, weights.argmax(1, keepdim=True))[:, 0], torch.arange(len(BINS)))
    assert torch.allclose(weights.amax(1), torch.ones(len(BINS)))


def test_beyond_every_bin_the_nearest_is_taken() -> None:
    found, _ = ENCODE(torch.tensor([[500.0, -500.0]]))
    corner = torch.tensor([[150.0, -160.0]])
    assert found[0].unique().tolist() == [int(torch.cdist(corner, BINS).argmin())]


@pytest.mark.parametrize("bins", [[[3.0, 0.0]], [[200.0, 0.0]]])
def test_bins_off_the_grid_are_refused(bins: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="multiples"):
        SoftEncoder(torch.tensor(bins))
