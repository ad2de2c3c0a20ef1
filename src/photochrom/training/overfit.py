"""One photo learnt by heart: the quickest test of whether a network can learn at all, and of how it learns.

An older project trained its smallest network (``zhang_regression``, width 16) on one photo at 224 px, an epoch being
one step on it, with Adam at 1e-4, and drew what it made of the photo after 100, 200 and 400 epochs: the recipe
``published`` here. ``better`` shows the network the same photo at twice the size, so that its cells are half as wide,
with a higher rate that is warmed up and then falls as a cosine.

The error is the mean over pixels and both channels of (a*b* - true a*b*)^2, squared Lab units, at the photo's size, the
network's cells enlarged bilinearly; batch norms use the photo's own statistics, as they do in training. Cells wider
than a pixel cannot reach 0: the least error that any picture of such cells has is worked out and told beside it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from photochrom.errors import DataError, OptionError, RecipeError, TrainingError
from photochrom.image_io import Page, read_picture
from photochrom.inspection.analyze import has_colors
from photochrom.models.registry import architecture, build
from photochrom.recolor import shrink, shrink_colors

__all__ = ["MARKS", "RECIPES", "Overfit", "OverfitOptions", "OverfitRecipe", "Shot", "least_error", "overfit"]

#: epochs after which the photo is drawn
MARKS = (100, 200, 400)
#: rounds of conjugate gradients to the least error; it moves by less than 0.01 after half of them
ROUNDS = 60


@dataclass(frozen=True, kw_only=True)
class OverfitRecipe:
    """How the photo is learnt.

    Attributes:
        rate: Adam's.
        betas: Adam's.
        warmup: epochs of linear start.
        cosine: let the rate fall to 0 over the epochs.
        zoom: the network sees the photo so many times larger than the error is measured at.
    """

    rate: float
    betas: tuple[float, float] = (0.9, 0.999)
    warmup: int = 0
    cosine: bool = False
    zoom: int = 1


RECIPES = {
    "published": OverfitRecipe(rate=1e-4),
    "better": OverfitRecipe(rate=3e-4, betas=(0.9, 0.99), warmup=10, cosine=True, zoom=2),
}


@dataclass(frozen=True, kw_only=True)
class OverfitOptions:
    """What is tried.

    Attributes:
        model: a name of the zoo's table.
        width: of a network that has one; None for 16 there, and for the published options elsewhere.
        recipe: a name of :data:`RECIPES`.
        rate: learning rate instead of the recipe's.
        epochs: steps on the photo.
        size: side of the photo's centre square, pixels.
        seed: of the first weights.

    Raises:
        OptionError: a value is out of range.
        RecipeError: the recipe does not exist.
    """

    model: str = "zhang_regression"
    width: int | None = None
    recipe: str = "published"
    rate: float | None = None
    epochs: int = 400
    size: int = 224
    seed: int = 0

    def __post_init__(self) -> None:
        if self.recipe not in RECIPES:
            raise RecipeError("training.unknown_overfit_recipe", name=self.recipe, choices=" or ".join(RECIPES))
        if self.rate is not None and not 0 < self.rate <= 1:
            raise OptionError("training.rate_out_of_range", rate=self.rate)
        for name, low, high in (("epochs", 1, 100_000), ("size", 32, 1024), ("width", 4, 256), ("seed", 0, 2**32 - 1)):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise OptionError("training.option_out_of_range", name=name, value=value, low=low, high=high)


@dataclass(frozen=True, eq=False)
class Shot:
    """The photo as the network has it after some epochs: a*b* (2,S,S) in Lab units, and their error."""

    epoch: int
    ab: NDArray[np.float32]
    error: float


@dataclass(frozen=True, eq=False)
class Overfit:
    """What came of it.

    Attributes:
        options: what was tried.
        photo: the file's name.
        lightness: (S,S) L* of the photo.
        truth: (2,S,S) its a*b*.
        errors: after 0, 1, 2 ... epochs, squared Lab units.
        rates: of each epoch.
        gray: the error of gray.
        least: the least error of any picture of the network's cells.
        shots: at the epochs that are drawn.
    """

    options: OverfitOptions
    photo: str
    lightness: NDArray[np.float32]
    truth: NDArray[np.float32]
    errors: Sequence[float]
    rates: Sequence[float]
    gray: float
    least: float
    shots: Sequence[Shot]


def overfit(photo: Path, options: OverfitOptions, *, on_shot: Callable[[Shot], None] = lambda shot: None) -> Overfit:
    """Teaches a network one photo.

    Args:
        photo: in colour; its centre square is learnt.
        options: what is tried.
        on_shot: told at each epoch that is drawn.

    Raises:
        DataError: the photo has no colours to learn.
        InputError: it cannot be read.
        RecipeError: the network does not exist, it has no width, or the size does not suit it.
        TrainingError: the error stopped being a number.
    """
    recipe = RECIPES[options.recipe]
    network = _build(options)
    stride = int(network.stride)
    if options.size * recipe.zoom % stride:
        raise RecipeError("training.overfit_size", model=options.model, stride=stride, example=7 * stride)
    page = _square(read_picture(photo).pages[0])
    lightness, truth = (at(page, (options.size, options.size)) for at in (shrink, shrink_colors))
    if not has_colors(lightness, truth):
        raise DataError("dataset.photo_gray", path=photo)
    seen = torch.from_numpy(shrink(page, (options.size * recipe.zoom,) * 2))[None, None]
    target = torch.from_numpy(truth)[None]
    rate = recipe.rate if options.rate is None else options.rate
    optimizer = torch.optim.Adam(network.parameters(), lr=rate, betas=recipe.betas)
    errors, rates, shots = [], [], []
    cells = (0, 0)
    for epoch in range(options.epochs + 1):
        answer = network.train()(seen)
        cells = (answer.shape[2], answer.shape[3])
        made = _enlarge(answer, options.size)
        error = F.mse_loss(made, target)
        if not math.isfinite(error.item()):
            raise TrainingError("training.overfit_diverged", epochs=epoch)
        errors.append(error.item())
        if epoch in MARKS or epoch == options.epochs:
            shots.append(Shot(epoch, made.detach()[0].numpy().copy(), errors[-1]))
            on_shot(shots[-1])
        if epoch < options.epochs:
            rates.append(rate * _factor(recipe, epoch, options.epochs))
            for group in optimizer.param_groups:
                group["lr"] = rates[-1]
            optimizer.zero_grad()
            torch.autograd.backward(error)
            optimizer.step()
    gray = float(np.square(truth).mean())
    least = least_error(target, cells)
    return Overfit(options, photo.name, lightness, truth, errors, rates, gray, least, shots)


def least_error(target: Tensor, cells: tuple[int, int]) -> float:
    """Returns the least mean squared error to a*b* (1,2,S,S) of a picture of so many cells, enlarged bilinearly."""
    size = target.shape[-1]
    zeros = target.new_zeros(1, target.shape[1], *cells)

    def gather(picture: Tensor) -> Tensor:
        """Returns the transpose of enlarging."""
        found = zeros.clone().requires_grad_()
        return torch.autograd.grad((_enlarge(found, size) * picture).sum(), found)[0]

    # conjugate gradients on the normal equations
    best, left = zeros.clone(), gather(target)
    direction, squared = left.clone(), left.square().sum()
    for _ in range(ROUNDS):
        if squared < 1e-9:
            break
        image = _enlarge(direction, size)
        step = squared / image.square().sum()
        best += step * direction
        left -= step * gather(image)
        before, squared = squared, left.square().sum()
        direction = left + squared / before * direction
    return float(F.mse_loss(_enlarge(best, size), target))


def _build(options: OverfitOptions) -> Any:
    row = architecture(options.model)
    own: dict[str, Any] = {}
    if options.width is not None or options.model in ("zhang_regression", "eccv16"):
        if not isinstance(getattr(row.options, "width", None), int):
            raise RecipeError("training.overfit_width", model=options.model)
        own["width"] = 16 if options.width is None else options.width
    torch.manual_seed(options.seed)
    network: nn.Module = build(options.model, options=own)
    return network


def _square(page: Page) -> Page:
    side = min(page.height, page.width)
    top, left = (page.height - side) // 2, (page.width - side) // 2
    return Page(np.ascontiguousarray(page.pixels[top : top + side, left : left + side]), space=page.space)


def _enlarge(cells: Tensor, size: int) -> Tensor:
    return F.interpolate(cells, size=(size, size), mode="bilinear", align_corners=False)


def _factor(recipe: OverfitRecipe, epoch: int, epochs: int) -> float:
    warm = min(1.0, (epoch + 1) / recipe.warmup) if recipe.warmup else 1.0
    return warm * (0.5 * (1.0 + math.cos(math.pi * epoch / epochs)) if recipe.cosine else 1.0)
