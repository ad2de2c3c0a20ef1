"""What a recipe may say about photos, how they are changed, and the hints drawn from them.

A range beside a type, ``Annotated[float, (0.0, 1.0)]``, is checked when a recipe is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
        train: sets of photos: see :func:`photochrom.data.photos.open_photos` for what they may be kept in.
        weights: how often the photos of a source (folder, or column ``source``) are seen in an epoch; 1 if not named,
            0.5 for half of them in turn, 2 for each twice.
        validation: the same, one of them; empty for none.
        validation_photos: how many of them are scored, from the first.
        batches: the kinds of batch, drawn at random by their share.
        workers: processes that decode and augment; 0 does it in the training process.
        cache: ``ram`` keeps every photo decoded in memory, 77 kB for one of 160 x 160; ``device`` keeps their centre
            squares on the accelerator and makes the batches there; ``features`` keeps what a frozen encoder says of
            those squares on disk, in ``features``, for networks such as photochrom; ``none`` decodes each time.
        features: the folder for that, 0.3 MB for a photo of 192 x 192 by Xception.
        side: of the squares kept on the device, pixels.
        prior_photos: photos the prior over colours is measured on.
    """

    train: tuple[str, ...]
    weights: Mapping[str, float] = field(default_factory=dict)
    validation: str = ""
    validation_photos: Annotated[int, (1, 1_000_000)] = 100
    batches: tuple[BatchSize, ...] = (BatchSize(),)
    workers: Annotated[int, (0, 256)] = 1
    cache: Literal["none", "ram", "device", "features"] = "none"
    features: str = ""
    side: Annotated[int, (32, 2048)] = 160
    prior_photos: Annotated[int, (1, 10_000_000)] = 2000


@dataclass(frozen=True, kw_only=True)
class AugmentationOptions:
    """How photos are changed. Chroma only ever moves with its photo; all else happens to lightness.

    Attributes:
        flip: probability of mirroring left and right.
        crop: probability of a square smaller than the photo's short side.
        smallest_crop: its side at least, as a share of the short side.
        rotation: a photo is turned by up to this many degrees either way.
        shear: and sheared by up to this share of its height.
        zoom: and enlarged or reduced by a factor of up to 1 plus and 1 minus this.
        border: what comes from beyond the edge: ``inside`` takes a smaller cut, so that nothing does; ``reflect``
            mirrors the photo there.
        tone: probability of a changed gamma, contrast and offset, as old emulsions and scans have them.
        grain: probability of Gaussian noise of 1 to 6 L*.
        blur: probability of lost detail (averaging over 2 or 3 pixels).
        fading: probability of a print that has lost its blacks and whites, unevenly.
        scratches: probability of scratches, dust and, in some, a crease.
    """

    flip: Probability = 0.5
    crop: Probability = 0.7
    smallest_crop: Annotated[float, (0.05, 1.0)] = 0.6875
    rotation: Annotated[float, (0.0, 180.0)] = 0.0
    shear: Annotated[float, (0.0, 1.0)] = 0.0
    zoom: Annotated[float, (0.0, 0.9)] = 0.0
    border: Literal["inside", "reflect"] = "inside"
    tone: Probability = 0.4
    grain: Probability = 0.12
    blur: Probability = 0.1
    fading: Probability = 0.0
    scratches: Probability = 0.0


@dataclass(frozen=True, kw_only=True)
class HintOptions:
    """Colours given away, as a person's clicks or a film's last frame would.

    Attributes:
        share: of the photos that get hints at all.
        few: probability of a geometric number of hints; else there are 20 to 159.
        mean: of the geometric number.
        largest: side of the largest patch, output cells.
        recolored: a photo with n hints has some things in another colour, those first hinted at, with probability
            1 / (1 + n / recolored), so that few hints are not taken for the colour of all; 0 for never.
    """

    share: Probability = 0.5
    few: Probability = 0.85
    mean: Annotated[float, (1.0, 1000.0)] = 8.0
    largest: Annotated[int, (1, 8)] = 3
    recolored: Annotated[float, (0.0, 1000.0)] = 0.0
