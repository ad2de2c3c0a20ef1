from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from photochrom import Colorizer, Result
from photochrom.image_io import Page


@pytest.fixture(scope="session")
def colorizer() -> Colorizer:
    return Colorizer("photochrom_fast", threads=1)


@pytest.fixture(scope="session")
def colored(colorizer: Colorizer) -> Callable[[Any], Result]:
    """The gradient in colour, by its dtype; coloured once."""
    return cache(lambda dtype: colorizer(gradient(dtype=dtype), input_size=64))


def gradient(height: int = 90, width: int = 120, dtype: Any = np.uint8) -> Any:
    y, x = np.mgrid[0:height, 0:width]
    values = (np.sin(x / 9) + np.cos(y / 7)) / 4.5 + 0.5
    return values.astype(np.float32) if np.dtype(dtype).kind == "f" else (values * np.iinfo(dtype).max).astype(dtype)


@pytest.fixture
def page_of() -> Callable[..., Page]:
    return make_page


def make_page(dtype: Any, *, alpha: bool = False, extras: bool = False) -> Page:
    """A coloured page: the gradient, with blue taken out of its left half."""
    gray = gradient(dtype=dtype)
    pixels = np.stack([gray, gray, gray], axis=2)
    pixels[:, :60, 2] //= 2 if pixels.dtype.kind == "u" else 1
    return Page(
        pixels,
        alpha=np.full(gray.shape, np.iinfo(dtype).max // 2, dtype) if alpha else None,
        extras=gray[..., None].copy() if extras else None,
    )
