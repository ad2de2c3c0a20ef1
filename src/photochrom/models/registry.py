"""The zoo: a literal table from a name to the network it stands for.

To add an architecture, write its file, then one row here: its options (a frozen dataclass), how to construct it from
them, and a tiny variant that serves the tests. Nothing is found by scanning folders or by changing names.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from photochrom.color.conversion import ab_bins
from photochrom.errors import RecipeError
from photochrom.models.encoders.base import choose
from photochrom.models.encoders.mobilenet_edgetpu import MobileNetEdgeTPU
from photochrom.models.encoders.xception import Xception
from photochrom.models.hint_transformer import HintTransformer, HintTransformerOptions
from photochrom.models.photochrom_fast import HintUNet
from photochrom.models.zoo.koalarization import Koalarization, KoalarizationOptions
from photochrom.models.zoo.resnet_gray import ResNetGray, ResNetGrayOptions
from photochrom.models.zoo.vae import Vae, VaeOptions
from photochrom.models.zoo.vgg16_autoencoder import AutoencoderOptions, Vgg16Autoencoder
from photochrom.models.zoo.vgg19_residual import Vgg19Residual, Vgg19ResidualOptions
from photochrom.models.zoo.zhang import Eccv16, ZhangOptions, ZhangRegression

__all__ = ["ARCHITECTURES", "Architecture", "ColorClasses", "HintUNetOptions", "architecture", "build"]


@dataclass(frozen=True)
class ColorClasses:
    """The colours a classifying network tells apart.

    Attributes:
        bins: (Q,2) a*b* in Lab units.
        weight: (Q,) weight of each in the training loss, mean 1 under the prior of the training photos.
    """

    bins: Tensor
    weight: Tensor

    @staticmethod
    def unweighted(bins: NDArray[np.float32]) -> "ColorClasses":
        """Returns these bins (Q,2), each with weight 1."""
        return ColorClasses(torch.from_numpy(bins), torch.ones(len(bins)))


@dataclass(frozen=True)
class HintUNetOptions:
    """Widths of :class:`~photochrom.models.photochrom_fast.HintUNet`, channels each.

    Attributes:
        encoder: ``mobilenet_edgetpu`` or ``xception``.
        width: the decoder at strides 32, 16, 8 and 4.
        hint_width: the hint stem at strides 4, 8, 16 and 32.
        encoder_width: scales the encoder; anything but 1.0 cannot take the pretrained weights.
        encoder_depth: share of its repeated blocks; the pretrained weights want 1.0, too.
        normalize_context: bring the global context to unit size; the shipped weights were trained without.
        attention_width: channels of the path of :class:`photochrom.models.attention.AttentionPath`, a multiple of 32;
            0 for none.
        render_width: channels of the render head (:mod:`photochrom.models.render_head`), a multiple of 8; 0 for none.
    """

    encoder: str = "mobilenet_edgetpu"
    width: tuple[int, int, int, int] = (256, 192, 128, 80)
    hint_width: tuple[int, int, int, int] = (64, 96, 128, 128)
    encoder_width: float = 1.0
    encoder_depth: float = 1.0
    normalize_context: bool = False
    attention_width: int = 0
    render_width: int = 0


@dataclass(frozen=True)
class Architecture:
    """A row of the table.

    Attributes:
        options: its options, as published.
        tiny: the same network with few channels, for tests.
        construct: makes it, freshly initialised, of options and, if it has a distribution, the colours to tell apart.
        description: one line for the model's card.
        bins: the colours its distribution is over, (Q,2) a*b*; None for a network that answers with one colour.
    """

    options: Any
    tiny: Any
    construct: Callable[..., nn.Module]
    description: str
    bins: Callable[[], NDArray[np.float32]] | None = None


def _photochrom(options: HintUNetOptions, classes: ColorClasses) -> nn.Module:
    encoders: Mapping[str, Callable[[], MobileNetEdgeTPU | Xception]] = {
        "mobilenet_edgetpu": lambda: MobileNetEdgeTPU(options.encoder_width, depth=options.encoder_depth),
        "xception": lambda: Xception(options.encoder_width, options.encoder_depth),
    }
    return HintUNet(
        classes.bins,
        classes.weight,
        encoder=choose(options.encoder, encoders),
        normalize_context=options.normalize_context,
        width=options.width,
        hint_width=options.hint_width,
        attention_width=options.attention_width,
        render_width=options.render_width,
    )


ARCHITECTURES: Mapping[str, Architecture] = {
    "photochrom": Architecture(
        options=HintTransformerOptions(),
        tiny=HintTransformerOptions(width=16, depth=2, heads=2, stem=(6, 8), encoder_width=0.05, encoder_depth=0.1),
        construct=lambda options, classes: HintTransformer(options, classes.bins, classes.weight),
        description="Xception at stride 16, a transformer with hints, distribution over bins; beside photochrom_fast",
        bins=ab_bins,
    ),
    "photochrom_fast": Architecture(
        options=HintUNetOptions(),
        tiny=HintUNetOptions(width=(24, 16, 16, 12), hint_width=(8, 8, 8, 8), encoder_width=0.05, encoder_depth=0.1),
        construct=_photochrom,
        description="MobileNetEdgeTPU encoder, global context, hint stem, distribution over a*b* bins at stride 4",
        bins=ab_bins,
    ),
    "vgg16_autoencoder": Architecture(
        options=AutoencoderOptions(),
        tiny=AutoencoderOptions(encoder_width=0.05, width=(16, 12, 8, 8, 8)),
        construct=Vgg16Autoencoder,
        description="a frozen classifier's last code, decoded by convolutions and up-samplings; squared error",
    ),
    "koalarization": Architecture(
        options=KoalarizationOptions(),
        tiny=KoalarizationOptions(encoder_width=0.05, width=0.1),
        construct=Koalarization,
        description="an encoder of its own fused with a frozen classifier's 1000 logits; squared error",
    ),
    "resnet_gray": Architecture(
        options=ResNetGrayOptions(),
        tiny=ResNetGrayOptions(encoder_width=0.1, width=(12, 8, 8, 8)),
        construct=ResNetGray,
        description="ResNet-18 on one channel to its second stage, an up-sampling decoder; squared error",
    ),
    "vae": Architecture(
        options=VaeOptions(),
        tiny=VaeOptions(
            latent=8, width=(16, 12, 12, 8), posterior_width=(8, 8, 8), encoder_width=0.05, encoder_depth=0.1
        ),
        construct=Vae,
        description="variational autoencoder of colour conditioned on lightness; every code is another colouring",
    ),
    "zhang_regression": Architecture(
        options=ZhangOptions(),
        tiny=ZhangOptions(width=8),
        construct=ZhangRegression,
        description="the eight convolution groups of Colorful Image Colorization to a*b*; squared error",
    ),
    "eccv16": Architecture(
        options=ZhangOptions(),
        tiny=ZhangOptions(width=8),
        construct=lambda options, classes: Eccv16(options, classes.bins, classes.weight),
        description="Colorful Image Colorization: 313 colours, soft-encoded cross entropy, class rebalancing",
        bins=partial(ab_bins, 313),
    ),
    "vgg19_residual": Architecture(
        options=Vgg19ResidualOptions(),
        tiny=Vgg19ResidualOptions(encoder_width=0.05),
        construct=Vgg19Residual,
        description="VGG19 to relu5_4, transposed convolutions fused with pool4 and pool3; squared error",
    ),
}


def architecture(name: str) -> Architecture:
    """Looks a name up in the table.

    Raises:
        RecipeError: the architecture does not exist.
    """
    if name not in ARCHITECTURES:
        near = get_close_matches(name, ARCHITECTURES, 1, 0.0)[0]
        raise RecipeError("architecture.unknown", name=name, near=near)
    return ARCHITECTURES[name]


def build(
    name: str,
    *,
    classes: ColorClasses | None = None,
    tiny: bool = False,
    options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """Makes a freshly initialised network.

    Args:
        name: a key of :data:`ARCHITECTURES`.
        classes: the colours to tell apart, for a network with a distribution; its own bins, unweighted, by default.
        tiny: take the tiny variant.
        options: fields of the architecture's options that differ from the published ones (or the tiny ones).

    Raises:
        RecipeError: the architecture does not exist, or it has no such option.

    >>> network = build("photochrom_fast", tiny=True)
    >>> tuple(network(torch.full((1, 1, 64, 96), 50.0)).shape)
    (1, 2, 16, 24)
    """
    row = architecture(name)
    chosen = row.tiny if tiny else row.options
    for key in options or {}:
        if key not in type(chosen).__dataclass_fields__:
            near = get_close_matches(key, type(chosen).__dataclass_fields__, 1, 0.0)[0]
            raise RecipeError("architecture.unknown_option", name=name, option=key, near=near)
    chosen = replace(chosen, **(options or {}))
    if row.bins is None:
        return row.construct(chosen)
    return row.construct(chosen, classes or ColorClasses.unweighted(row.bins()))
