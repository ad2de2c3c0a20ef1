"""Lightness as the gray RGB that encoders of colour photos were trained on."""

import torch
from torch import Tensor

__all__ = ["as_imagenet_rgb", "as_unit_rgb"]

#: mean and deviation of ImageNet's photos, RGB 0..1, as torchvision's weights expect them taken out
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


def as_unit_rgb(lightness: Tensor) -> Tensor:
    """Returns L* (N,1,H,W) 0..100 as RGB (N,3,H,W) in [-1, 1], the three channels alike."""
    return (lightness / 50.0 - 1.0).expand(-1, 3, -1, -1)


def as_imagenet_rgb(lightness: Tensor) -> Tensor:
    """Returns L* (N,1,H,W) 0..100 as RGB (N,3,H,W) with ImageNet's mean and deviation taken out."""
    mean, deviation = (
        torch.tensor(values, dtype=lightness.dtype, device=lightness.device)[:, None, None]
        for values in (IMAGENET_MEAN, IMAGENET_DEVIATION)
    )
    return (lightness / 100.0 - mean) / deviation
