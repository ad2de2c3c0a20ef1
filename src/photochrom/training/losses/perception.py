"""How a picture looks to a network that knows colour photos: what an image classifier's features say of it.

The distance between two pictures in the features of a frozen classifier follows people's judgement better than that of
their colours (Johnson, Alahi & Fei-Fei, *Perceptual losses for real-time style transfer and super-resolution*, ECCV
2016), and a discriminator that reads such features learns what photos look like from few of them (Sauer et al.,
*Projected GANs converge faster*, NeurIPS 2021).
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.color.conversion import lab_to_srgb
from photochrom.models.encoders.mobilenet_edgetpu import MobileNetEdgeTPU
from photochrom.training.checkpoints.initialize import load_tensors
from photochrom.training.checkpoints.io import load_strictly
from photochrom.training.losses.spectral import SLOPE, normed_conv

__all__ = ["FeatureDiscriminator", "Perception", "feature_distance"]


class Perception:
    """A frozen MobileNetEdgeTPU that looks at pictures in colour, at strides 4 to 32.

    It is not a module on purpose: a checkpoint is not to keep what a public file holds.

    Args:
        weights: its public weights, safetensors.

    Raises:
        CheckpointError: they cannot be read, or do not fit.
    """

    def __init__(self, weights: Path) -> None:
        encoder = MobileNetEdgeTPU(head=False)
        load_strictly(encoder, encoder.accept(load_tensors(weights)), f"'{weights}'")
        # it has nothing that differs in training but the quicker arithmetic of its backward pass
        self._encoder = encoder.requires_grad_(False).train()
        #: of the feature maps, from the finest
        self.channels = encoder.channels[1:]

    def __call__(self, ab: Tensor, lightness: Tensor) -> list[Tensor]:
        """Returns the features of pictures.

        Args:
            ab: (N,2,h,w) in Lab units, enlarged bilinearly to the lightness.
            lightness: (N,1,H,W), L* 0..100.

        Returns:
            (N,C,H/4,W/4) to (N,C,H/32,W/32), ``self.channels`` wide.
        """
        encoder = self._encoder.to(lightness.device)
        with torch.autocast(lightness.device.type, enabled=False):
            full = F.interpolate(ab.float(), size=lightness.shape[-2:], mode="bilinear", align_corners=False)
            rgb = lab_to_srgb(torch.cat([lightness.float(), full], 1)).clamp(0.0, 1.0)
        found = encoder.features((rgb * 2.0 - 1.0).contiguous(memory_format=torch.channels_last))
        return [features.float() for features in found[1:]]


def to_scale_of(truth: list[Tensor]) -> list[tuple[Tensor, Tensor]]:
    """Returns each channel's mean and deviation over a batch of true photos' features, (1,C,1,1) each."""
    return [
        (features.mean((0, 2, 3), keepdim=True), features.std((0, 2, 3), correction=0, keepdim=True) + 1e-3)
        for features in truth
    ]


def feature_distance(made: list[Tensor], truth: list[Tensor]) -> Tensor:
    """Returns the mean absolute difference of features, averaged over the maps, a scalar."""
    return torch.stack([(m - t).abs().mean() for m, t in zip(made, truth, strict=True)]).mean()


class FeatureDiscriminator(nn.Module):
    """Judges pictures by a classifier's features, map by map and place by place.

    Args:
        channels: of the maps.
        width: own channels.
    """

    def __init__(self, channels: tuple[int, ...], width: int = 64) -> None:
        super().__init__()
        self.judges = nn.ModuleList(
            nn.Sequential(
                normed_conv(inputs, width, 1),
                nn.LeakyReLU(SLOPE),
                normed_conv(width, width, 3),
                nn.LeakyReLU(SLOPE),
                normed_conv(width, 1, 1),
            )
            for inputs in channels
        )

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        """Scores pictures: high for those it takes for photos; (N,1,h,w) of each map (N,C,h,w)."""
        return [judge(features) for judge, features in zip(self.judges, maps, strict=True)]
