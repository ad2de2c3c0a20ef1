"""How a render head is taught: near the true colours, and so that a discriminator takes its pictures for photos.

Following Goodfellow et al., *Generative adversarial nets* (NeurIPS 2014), with the hinge loss of Lim & Ye, *Geometric
GAN* (2017), spectral normalisation (Miyato et al., ICLR 2018), and another photo's colours as a third, wrong kind
(Reed et al., *Generative adversarial text to image synthesis*, ICML 2016), so that it is asked whether colours fit the
thing and not only whether they are lively. The discriminator reads the frozen encoder's features.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils.parametrizations import spectral_norm

from photochrom.errors import RecipeError
from photochrom.models.render_head import to_unit
from photochrom.training.data.dataset import Batch
from photochrom.training.schema import LossOptions

__all__ = ["Adversarial", "Discriminator"]

#: a*b* and L* reach the discriminator in these units
COLOR_UNIT, LIGHT_UNIT = 30.0, 50.0
#: the absolute error is measured in this many Lab units
ERROR_UNIT = 25.0
SLOPE = 0.2


class Discriminator(nn.Module):
    """Judges colours and lightness at stride 4, place by place, at strides 8 and 16; there by what things are, too.

    Args:
        features: channels of the encoder's features at stride 16.
        width: own channels at stride 4.
    """

    def __init__(self, features: int, width: int = 48) -> None:
        super().__init__()
        self.first = _normed(3, width, 3)
        self.second = _normed(width, 2 * width, 4, stride=2)
        self.third = _normed(2 * width, 3 * width, 4, stride=2)
        self.things = _normed(features, 3 * width, 1)
        self.joint = _normed(6 * width, 4 * width, 3)
        self.judge8 = _normed(2 * width, 1, 1)
        self.judge16 = _normed(4 * width, 1, 1)

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
    """Teaches the render head of a network whose other parts are frozen, and the discriminator, in one step.

    Args:
        network: with a render head.
        options: the weights.

    Raises:
        RecipeError: the network has no render head.
    """

    def __init__(self, network: Any, options: LossOptions) -> None:
        super().__init__()
        if getattr(network, "render_head", None) is None:
            raise RecipeError("recipe.adversarial_unsupported")
        self._options = options
        self.discriminator = Discriminator(sum(network.encoder.channels[-2:]))

    def forward(self, network: Any, batch: Batch) -> dict[str, Tensor]:
        """Returns the losses of one batch; the head's gradients never reach the discriminator, nor the other way."""
        with torch.no_grad():
            reading = network.read(batch.lightness, batch.hints)
            with torch.autocast(reading.scores.device.type, enabled=False):
                mean, spread = network.moments(reading.scores.float())
        made, truth = network.render(reading, mean, spread, batch.lightness).float(), batch.ab.float()
        error = (made - truth).abs().mean() / ERROR_UNIT
        seen = (F.avg_pool2d(batch.lightness, network.output_stride), reading.features.float())
        frozen = {name: tensor.detach() for name, tensor in self.discriminator.state_dict(keep_vars=True).items()}
        opinion = functional_call(self.discriminator, frozen, (made, *seen))
        fooled = sum(-scores.float().mean() for scores in opinion) / len(opinion)
        # the next photo's colours are as real, and belong to another picture
        kinds = torch.cat([truth, made.detach(), truth.roll(1, 0)])
        judged = self.discriminator(kinds, *(x.repeat(3, 1, 1, 1) for x in seen))
        learned = sum(self._hinge(scores.float()) for scores in judged) / len(judged)
        total = self._options.mae * error + self._options.adversarial * fooled + learned
        losses = {"loss": total, "mae": error, "adversarial": fooled, "discriminator": learned}
        return {name: torch.as_tensor(value) for name, value in losses.items()}

    def _hinge(self, scores: Tensor) -> Tensor:
        real, made, wrong = (
            F.relu(1.0 + sign * kind).mean() for sign, kind in zip((-1, 1, 1), scores.chunk(3), strict=True)
        )
        weight = self._options.mismatched
        return real + (made + weight * wrong) / (1.0 + weight)


def _normed(inputs: int, outputs: int, kernel: int, *, stride: int = 1) -> nn.Module:
    return spectral_norm(nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2))
