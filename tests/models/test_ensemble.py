from typing import Any

import pytest
import torch

from photochrom.models.ensemble import Ensemble
from photochrom.models.registry import ColorClasses, build

#: so that the second one is no copy of the first
OTHER_WIDTH = {"photochrom": 24, "photochrom_fast": (20, 16, 16, 12)}


def member(name: str, weight: float = 1.0, **options: Any) -> Any:
    torch.manual_seed(len(name))
    plain: Any = build(name, tiny=True)
    bins = plain.bins
    weights = torch.linspace(1.0, weight, len(bins))
    network: Any = build(name, classes=ColorClasses(bins, weights), tiny=True, options=options).eval()
    with torch.no_grad():
        network.classifier.weight.mul_(8)
    return network


def truth(network: Any, lightness: torch.Tensor, hints: torch.Tensor) -> torch.Tensor:
    return torch.softmax(network.scores(lightness, hints) - network.log_weight[:, None, None], 1)


@pytest.mark.parametrize("other", ["photochrom", "photochrom_fast"])
def test_the_answer_is_the_product_of_true_distributions_by_shares(other: str) -> None:
    first, second = member("photochrom_fast", 3.0), member(other, 0.2, width=OTHER_WIDTH[other])
    both = Ensemble([first, second], [3.0, 1.0]).eval()
    lightness, hints = torch.rand(2, 1, 64, 96) * 100, torch.zeros(2, 3, 16, 24)
    hints[:, :, 3, 5] = torch.tensor([40.0, -30.0, 1.0])
    with torch.no_grad():
        pooled = truth(first, lightness, hints) ** 0.75 * truth(second, lightness, hints) ** 0.25
        expected = pooled / pooled.sum(1, keepdim=True)
        assert (truth(both, lightness, hints) - expected).abs().max() < 1e-5
        assert (expected - truth(first, lightness, hints)).abs().max() > 1e-3
        for mine, its in zip(both.read(lightness, hints)[1:], first.read(lightness, hints)[1:], strict=True):
            assert torch.equal(mine, its)
        assert both(lightness, hints).shape == (2, 2, 16, 24)
    # the correction for the prior is the first one's
    assert torch.allclose(both.log_weight, first.log_weight)


def test_hints_are_believed_as_far_as_they_speak_for_the_picture() -> None:
    """Between what the second network says without hints and with them; the first one always reads them."""
    first, second = member("photochrom_fast"), member("photochrom")
    for parameter in second.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.1)
    both = Ensemble([first, second], [0.5, 0.5]).eval()
    assert both.takes_hint_coverage
    assert not Ensemble([first, first], [0.5, 0.5]).takes_hint_coverage
    lightness, hints = torch.rand(1, 1, 64, 96) * 100, torch.zeros(1, 3, 16, 24)
    hints[:, :, 3, 5] = torch.tensor([40.0, -30.0, 1.0])
    with torch.no_grad():
        wholly, deaf, half = (both.read(lightness, hints, torch.tensor(b))[0] for b in (1.0, 0.0, 0.5))
        assert torch.allclose(wholly, both.read(lightness, hints)[0], atol=1e-4)
        without = truth(second, lightness, torch.zeros_like(hints)) * truth(first, lightness, hints)
        expected = without.sqrt() / without.sqrt().sum(1, keepdim=True)
        assert (torch.softmax(deaf - both.log_weight[:, None, None], 1) - expected).abs().max() < 1e-5
        assert torch.allclose(half, (wholly + deaf) / 2, atol=1e-4)
        assert (wholly - deaf).abs().max() > 1e-2


def test_shares_follow_how_far_hints_speak_for_the_picture() -> None:
    first, second = member("photochrom_fast", 3.0), member("photochrom_fast", 0.2, width=OTHER_WIDTH["photochrom_fast"])
    both = Ensemble([first, second], [3.0, 1.0], [1.0, 3.0]).eval()
    assert both.takes_hint_coverage
    lightness, hints = torch.rand(1, 1, 64, 96) * 100, torch.zeros(1, 3, 16, 24)
    with torch.no_grad():
        for given, its in ((hints, 0.75), (None, 0.25)):
            found = both.logits(lightness, given)
            expected = Ensemble([first, second], [1.0 - its, its]).logits(lightness, given)
            assert torch.allclose(found, expected, atol=1e-4)
        for hint_coverage, its in ((0.0, 0.25), (0.5, 0.5), (1.0, 0.75)):
            found = both.read(lightness, hints, torch.tensor(hint_coverage))[0]
            assert torch.allclose(
                found, Ensemble([first, second], [1.0 - its, its]).logits(lightness, hints), atol=1e-4
            )


def test_a_network_beside_itself_is_itself() -> None:
    network = member("photochrom_fast", 2.0)
    lightness = torch.rand(1, 1, 64, 64) * 100
    with torch.no_grad():
        assert torch.allclose(Ensemble([network, network], [0.5, 0.5])(lightness), network(lightness), atol=1e-3)


def test_networks_that_do_not_fit_are_refused() -> None:
    network = member("photochrom_fast")
    other = build("photochrom_fast", tiny=True, classes=ColorClasses(network.bins + 3.0, torch.ones(len(network.bins))))
    with pytest.raises(ValueError, match="other colour bins"):
        Ensemble([network, other], [0.5, 0.5])
    with pytest.raises(ValueError, match="2 networks need as many positive shares"):
        Ensemble([network, network], [1.0])
    with pytest.raises(ValueError, match="positive shares"):
        Ensemble([network, network], [1.0, 0.0])
    with pytest.raises(ValueError, match="positive shares"):
        Ensemble([network, network], [1.0, 1.0], [1.0, 0.0])
