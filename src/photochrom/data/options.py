"""What a recipe may say about photos, how they are changed, and the hints drawn from them.

A range beside a type, ``Annotated[float, (0.0, 1.0)]``, is checked when a recipe is read.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

__all__ = ["AugmentationOptions", "BatchSize", "DataOptions", "HintOptions"]

Probability = Annotated[float, (0.0, 1.0)]


@dataclass(frozen=True, kw_only=True)
class BatchSize:
    """One kind of batch.

    Attributes:
        pixels: height and width of its photos.
        photos: how many.
        share: of all batches, relative to the other kinds'.
    """

    pixels: Annotated[int, (32, 2048)] = 128
    photos: Annotated[int, (1, 4096)] = 32
    share: Annotated[float, (0.0, 1e6)] = 1.0


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """Which photos, and how they come.

    Attributes:
        train: Parquet files, folders of Parquet files, or folders of photos in any nesting.
        validation: the same, one of them; empty for none.
        validation_photos: how many of them are scored, from the first.
        batches: the kinds of batch, drawn at random by their share.
        workers: processes that decode and augment; 0 does it in the training process.
        cache: ``ram`` keeps every photo decoded in memory (photos of one size only); ``none`` decodes each time.
        prior_photos: photos the prior over colours is measured on.
    """

    train: tuple[str, ...]
    validation: str = ""
    validation_photos: Annotated[int, (1, 1_000_000)] = 100
    batches: tuple[BatchSize, ...] = (BatchSize(),)
    workers: Annotated[int, (0, 256)] = 1
    cache: Literal["none", "ram"] = "none"
    prior_photos: Annotated[int, (1, 10_000_000)] = 2000


@dataclass(frozen=True, kw_only=True)
class AugmentationOptions:
    """How photos are changed. Chroma is only ever cropped and flipped; the rest happens to lightness.

    Attributes:
        flip: probability of mirroring left and right.
        crop: probability of a square smaller than the photo's short side.
        smallest_crop: its side at least, as a share of the short side.
        tone: probability of a changed gamma, contrast and offset, as old emulsions and scans have them.
        grain: probability of Gaussian noise of 1 to 6 L*.
        blur: probability of lost detail (averaging over 2 or 3 pixels).
    """

    flip: Probability = 0.5
    crop: Probability = 0.7
    smallest_crop: Annotated[float, (0.05, 1.0)] = 0.6875
    tone: Probability = 0.4
    grain: Probability = 0.12
    blur: Probability = 0.1


@dataclass(frozen=True, kw_only=True)
class HintOptions:
    """Colours given away, as a person's clicks or a film's last frame would.

    Attributes:
        share: of the photos that get hints at all.
        few: probability of a geometric number of hints; else there are 20 to 159.
        mean: of the geometric number.
        largest: side of the largest patch, output cells.
    """

    share: Probability = 0.5
    few: Probability = 0.85
    mean: Annotated[float, (1.0, 1000.0)] = 8.0
    largest: Annotated[int, (1, 8)] = 3
