"""How a render head is taught: near the true colours, and so that a discriminator takes its pictures for photos.

Following Goodfellow et al., *Generative adversarial nets* (NeurIPS 2014), with the hinge loss of Lim & Ye, *Geometric
GAN* (2017), spectral normalisation (Miyato et al., ICLR 2018), and another photo's colours as a third, wrong kind
(Reed et al., *Generative adversarial text to image synthesis*, ICML 2016), so that it is asked whether colours fit the
thing and not only whether they are lively. The discriminator reads the frozen encoder's features; a second one, where
the recipe names a classifier of colour photos, reads what that sees in the picture.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from photochrom.errors import RecipeError
from photochrom.models.render_head import to_unit
from photochrom.training.data.dataset import Batch
from photochrom.training.losses.perception import FeatureDiscriminator, Perception, feature_distance, to_scale_of
from photochrom.training.losses.spectral import SLOPE, normed_conv
from photochrom.training.schema import LossOptions

__all__ = ["Adversarial", "Discriminator"]

#: a*b* and L* reach the discriminator in these units
COLOR_UNIT, LIGHT_UNIT = 30.0, 50.0
#: the absolute error is measured in this many Lab units
ERROR_UNIT = 25.0


class Discriminator(nn.Module):
    """Judges colours and lightness at stride 4, place by place, at strides 8 and 16; there by what things are, too.

    Args:
        features: channels of the encoder's features at stride 16.
        width: own channels at stride 4.
    """

    def __init__(self, features: int, width: int = 48) -> None:
        super().__init__()
        self.first = normed_conv(3, width, 3)
        self.second = normed_conv(width, 2 * width, 4, stride=2)
        self.third = normed_conv(2 * width, 3 * width, 4, stride=2)
        self.things = normed_conv(features, 3 * width, 1)
        self.joint = normed_conv(6 * width, 4 * width, 3)
        self.judge8 = normed_conv(2 * width, 1, 1)
        self.judge16 = normed_conv(4 * width, 1, 1)

    def forward(self, ab: Tensor, lightness: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        """Scores pictures: high for those it takes for photos.

        Args:
            ab: (N,2,h,w) in Lab units, h and w multiples of 4.
            lightness: (N,1,h,w), L* 0..100.
            features: (N,C,h/4,w/4), the encoder's.

        Returns:
            (N,1,h/2,w/2) and (N,1,h/4,w/4).
        """
        x = F.leaky_relu(self.first(torch.cat([ab / COLOR_UNIT, lightness / LIGHT_UNIT - 1.0], 1)), SLOPE)
        x8 = F.leaky_relu(self.second(x), SLOPE)
        things = F.leaky_relu(self.things(to_unit(features)), SLOPE)
        x16 = F.leaky_relu(self.joint(torch.cat([F.leaky_relu(self.third(x8), SLOPE), things], 1)), SLOPE)
        return self.judge8(x8), self.judge16(x16)


class Adversarial(nn.Module):
    """Teaches the render head of a network whose other parts are frozen, and the discriminators, in one step.

    Args:
        network: with a render head.
        options: the weights.

    Raises:
        CheckpointError: the classifier's weights cannot be read.
        RecipeError: the network has no render head.
    """

    def __init__(self, network: Any, options: LossOptions) -> None:
        super().__init__()
        if getattr(network, "render_head", None) is None:
            raise RecipeError("recipe.adversarial_unsupported")
        self._options = options
        self._perception = Perception(Path(options.classifier).expanduser()) if options.classifier else None
        judges: dict[str, nn.Module] = {"colors": Discriminator(sum(network.encoder.channels[-2:]))}
        if self._perception is not None:
            judges["features"] = FeatureDiscriminator(self._perception.channels)
        self.discriminator = nn.ModuleDict(judges)

    def forward(self, network: Any, batch: Batch) -> dict[str, Tensor]:
        """Returns the losses of one batch; the head's gradients never reach a discriminator, nor the other way."""
        with torch.no_grad():
            reading = network.read(batch.lightness, batch.hints)
            with torch.autocast(reading.scores.device.type, enabled=False):
                mean, spread = network.moments(reading.scores.float())
        made, truth = network.render(reading, mean, spread, batch.lightness).float(), batch.ab.float()
        error = (made - truth).abs().mean() / ERROR_UNIT
        seen = (F.avg_pool2d(batch.lightness, network.output_stride), reading.features.float())
        opinion = _frozen(self.discriminator["colors"], made, *seen)
        # the next photo's colours are as real, and belong to another picture
        kinds = torch.cat([truth, made.detach(), truth.roll(1, 0)])
        judged = self.discriminator["colors"](kinds, *(x.repeat(3, 1, 1, 1) for x in seen))
        fooled, learned = _fooled(opinion), self._hinge(judged, kinds=3)
        total = self._options.mae * error + self._options.adversarial * fooled + learned
        losses = {"mae": error, "adversarial": fooled, "discriminator": learned}
        if self._perception is not None:
            losses |= self._perceived(made, truth, batch.lightness)
            total = total + self._options.perceptual * losses["perceptual"]
            total = total + self._options.adversarial_features * losses["adversarial_features"]
            total = total + losses["discriminator_features"]
        return {name: torch.as_tensor(value) for name, value in {"loss": total, **losses}.items()}

    def _perceived(self, made: Tensor, truth: Tensor, lightness: Tensor) -> dict[str, Tensor]:
        assert self._perception is not None
        with torch.no_grad():
            real = self._perception(truth, lightness)
            scale = to_scale_of(real)
        real, own = (
            [(maps - mean) / deviation for maps, (mean, deviation) in zip(found, scale, strict=True)]
            for found in (real, self._perception(made, lightness))
        )
        judge = self.discriminator["features"]
        kinds = [torch.cat([r, m.detach()]) for r, m in zip(real, own, strict=True)]
        return {
            "perceptual": feature_distance(own, real),
            "adversarial_features": _fooled(_frozen(judge, own)),
            "discriminator_features": self._hinge(judge(kinds), kinds=2),
        }

    def _hinge(self, judged: Sequence[Tensor], *, kinds: int) -> Tensor:
        """Returns the hinge loss of scores of true pictures, then made ones and, of three kinds, wrong ones."""
        losses = []
        for scores in judged:
            real, made, *wrong = scores.float().chunk(kinds)
            false = F.relu(1.0 + made).mean()
            if wrong:
                weight = self._options.mismatched
                false = (false + weight * F.relu(1.0 + wrong[0]).mean()) / (1.0 + weight)
            losses.append(F.relu(1.0 - real).mean() + false)
        return torch.stack(losses).mean()


def _frozen(module: nn.Module, *inputs: Any) -> Sequence[Tensor]:
    """Asks a discriminator without teaching it."""
    tensors = {name: tensor.detach() for name, tensor in module.state_dict(keep_vars=True).items()}
    scores: Sequence[Tensor] = functional_call(module, tensors, inputs)
    return scores


def _fooled(opinion: Sequence[Tensor]) -> Tensor:
    """Returns how little a discriminator is fooled: the mean of its scores, negative."""
    return torch.stack([-scores.float().mean() for scores in opinion]).mean()
