import math

import pytest
import torch

from photochrom.color.conversion import ab_bins
from photochrom.models.color_distribution import annealed_mean, confidence, true_distribution
from photochrom.training.losses.class_rebalancing import class_weight
from photochrom.training.losses.functional import DistributionLoss, distillation_loss, log_mse, soft_cross_entropy
from photochrom.training.losses.soft_encoding import SoftEncoder
from photochrom.training.optim.ema import update_average
from photochrom.training.optim.lr_schedule import rate_factor
from photochrom.training.schema import ScheduleOptions

BINS = torch.from_numpy(ab_bins())
ONES = torch.ones(len(BINS))


def test_cross_entropy_is_that_of_the_dense_soft_target() -> None:
    torch.manual_seed(0)
    scores, ab = torch.randn(50, len(BINS)), torch.rand(50, 2) * 120 - 60
    weight = torch.rand(len(BINS)) + 0.5
    found, shares = SoftEncoder(BINS)(ab)
    target = torch.zeros(50, len(BINS)).scatter_add_(1, found, shares)
    expected = -(target * weight * scores.log_softmax(1)).sum(1).mean()
    assert soft_cross_entropy(scores, found, shares, weight) == pytest.approx(expected.item(), rel=1e-5)


def test_the_best_answer_to_weighted_classes_is_the_weighted_distribution() -> None:
    truth, weight = torch.tensor([0.7, 0.3]), torch.tensor([0.5, 13 / 6])
    bins = torch.tensor([[0], [1]]).expand(2, 4)
    shares = torch.tensor([[1.0, 0, 0, 0]]).expand(2, 4) * truth[:, None] * 2
    scores = (truth * weight).log()
    best = soft_cross_entropy(scores.expand(2, 2), bins, shares, weight)
    for shift in (-0.1, 0.1):
        other = scores + torch.tensor([shift, 0.0])
        assert soft_cross_entropy(other.expand(2, 2), bins, shares, weight) > best
    assert torch.allclose(true_distribution(scores, weight.log()), truth)


def test_mse_is_in_squares_of_ten_units() -> None:
    bins = torch.tensor([[0.0, 0.0], [20.0, 0.0], [0.0, 20.0], [20.0, 20.0]])
    loss = DistributionLoss(bins, cross_entropy=0.0, mse=1.0)
    truth = torch.tensor([10.0, 20.0])[None, :, None, None].expand(1, 2, 3, 1)
    losses = loss(torch.zeros(1, 4, 3, 1), truth, bins, torch.zeros(4))
    assert losses["loss"] == losses["mse"] == pytest.approx(0.5)


def test_a_coarse_answer_is_taught_by_all_colours_it_answers_for() -> None:
    torch.manual_seed(1)
    loss = DistributionLoss(BINS, cross_entropy=1.0, mse=0.0)
    log_weight = torch.rand(len(BINS))
    logits, ab = torch.randn(2, len(BINS), 3, 5), torch.rand(2, 2, 6, 10) * 80 - 40
    coarse = loss(logits, ab, BINS, log_weight)
    repeated = logits.repeat_interleave(2, 2).repeat_interleave(2, 3)
    fine = loss(repeated, ab, BINS, log_weight)
    assert coarse["cross_entropy"] == pytest.approx(fine["cross_entropy"].item(), rel=1e-5)
    # of one colour all over there is nothing to go over smoothly to
    even = logits[:, :, :1, :1].expand(-1, -1, 3, 5)
    wide = even[:, :, :1, :1].expand(-1, -1, 6, 10)
    for name in ("mse", "log_mse"):
        one, other = (loss(answer, ab, BINS, log_weight)[name].item() for answer in (even, wide))
        assert one == pytest.approx(other, rel=1e-5)


def test_log_mse_counts_photos_as_psnr_does() -> None:
    assert log_mse(torch.tensor([99.0, 0.0])) == pytest.approx(10.0)
    bins = torch.tensor([[0.0, 0.0], [20.0, 0.0], [0.0, 20.0], [20.0, 20.0]])
    loss = DistributionLoss(bins, cross_entropy=0.0, mse=0.0, log_mse=0.5)
    # two photos of one colour: the mean of the bins, and one whose squared error is 99 on average
    truth = torch.tensor([[10.0, 10.0], [10.0, 10.0 + 198**0.5]])[:, :, None, None].expand(2, 2, 4, 4)
    assert loss(torch.zeros(2, 4, 4, 4), truth, bins, torch.zeros(4))["loss"].item() == pytest.approx(5.0, rel=1e-4)


def test_distillation_is_least_where_both_say_the_same() -> None:
    torch.manual_seed(0)
    wanted, log_weight = torch.randn(50, len(BINS)).softmax(1), torch.rand(len(BINS))
    same = wanted.log() + log_weight + 3.0
    entropy = -(wanted * wanted.log()).sum(1).mean()
    assert distillation_loss(same, log_weight, wanted) == pytest.approx(entropy.item(), rel=1e-5)
    assert distillation_loss(same + torch.randn_like(same), log_weight, wanted) > entropy + 0.1


def test_the_sum_learns_a_picture_and_ignores_the_layout() -> None:
    torch.manual_seed(0)
    loss = DistributionLoss(BINS, cross_entropy=1.0, mse=0.25)
    ab = torch.rand(1, 2, 4, 4) * 80 - 40
    logits = torch.zeros(1, len(BINS), 4, 4, requires_grad=True)
    optimizer = torch.optim.Adam([logits], 0.5)
    for _ in range(80):
        optimizer.zero_grad()
        losses = loss(logits.contiguous(memory_format=torch.channels_last), ab, BINS, torch.zeros(len(BINS)))
        losses["loss"].backward()
        optimizer.step()
    assert losses["loss"].item() == pytest.approx(losses["cross_entropy"].item() + losses["mse"].item() / 4)
    mean = annealed_mean(logits.detach().permute(0, 2, 3, 1), BINS, torch.zeros(len(BINS)), 1.0, 0.0)
    assert (mean.permute(0, 3, 1, 2) - ab).abs().max() < 1.0


def test_confidence_is_the_probability_near_the_mean() -> None:
    bins = torch.tensor([[0.0, 0.0], [10.0, 0.0], [100.0, 0.0]])
    sure = confidence(torch.tensor([0.5, 0.5, 0.0]), bins)
    torn = confidence(torch.tensor([0.5, 0.0, 0.5]), bins)
    assert sure.item() == pytest.approx(1.0)
    assert torn.item() == pytest.approx(0.0)


def test_class_weights_have_mean_one_and_favour_the_rare() -> None:
    prior = torch.tensor([0.7, 0.2, 0.1])
    weight = class_weight(prior)
    assert (weight * prior).sum().item() == pytest.approx(1)
    assert weight[0] < weight[1] < weight[2]
    assert torch.allclose(class_weight(prior, 1.0), torch.ones(3))


def test_an_average_takes_buffers_along_and_copies_counters() -> None:
    average, present = torch.nn.BatchNorm2d(2), torch.nn.BatchNorm2d(2)
    present.running_mean.fill_(4.0)
    present.weight.data.fill_(3.0)
    present.num_batches_tracked.fill_(7)
    update_average(average, present, 0.75)
    assert average.running_mean.tolist() == [1.0, 1.0]
    assert average.weight.tolist() == [1.5, 1.5]
    assert average.num_batches_tracked.item() == 7


def test_the_rate_warms_up_and_ends_at_its_final_share() -> None:
    options = ScheduleOptions(max_steps=1000, warmup_steps=10, min_lr_ratio=0.02)
    assert rate_factor(0.0, 0, options) == pytest.approx(0.1)
    assert rate_factor(0.0, 9, options) == pytest.approx(1.0)
    assert rate_factor(0.5, 500, options) == pytest.approx(0.51)
    assert rate_factor(1.0, 1000, options) == rate_factor(9.0, 9000, options) == pytest.approx(0.02)
    factors = [rate_factor(step / 1000, step, options) for step in range(10, 1000)]
    assert all(math.isfinite(f) for f in factors)
    assert factors == sorted(factors, reverse=True)
