"""The convolutions that discriminators are made of: spectrally normalised (Miyato et al., ICLR 2018)."""

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

__all__ = ["SLOPE", "normed_conv"]

#: of the leaky rectifiers between them
SLOPE = 0.2


def normed_conv(inputs: int, outputs: int, kernel: int, *, stride: int = 1) -> nn.Module:
    """Returns a convolution whose weights have a largest singular value of 1, padded to keep (or halve) the size."""
    return spectral_norm(nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2))
