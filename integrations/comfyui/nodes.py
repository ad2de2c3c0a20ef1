"""The nodes: photos, films, hints, and colours the network thinks likely.

ComfyUI hands images over as float32 tensors (B,H,W,3) of sRGB, 0..1, and masks as (B,H,W). Lightness goes through as it
is, in floating point: nothing is rounded to 8 bits on the way.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import torch

from photochrom import Colorizer, Hint, colorize_frames, list_models

HINTS = "PHOTOCHROM_HINTS"
CATEGORY = "photochrom"
#: as in ComfyUI's own nodes: the widest input that makes sense
SIDE = 16384


def _models() -> list[str]:
    return [model.name for model in list_models()]


def _number(default: float, high: float, tooltip: str) -> tuple[str, dict[str, Any]]:
    return ("FLOAT", {"default": default, "min": 0.0, "max": high, "step": 0.05, "tooltip": tooltip})


def _settings() -> dict[str, Any]:
    """The inputs that photos and films share."""
    return {
        "model": (_models(), {"tooltip": "The network. The first one is quick; photochrom is calmer and slower."}),
        "vividness": _number(1.0, 2.0, "How bold the colours are: 0 careful, 1 natural, 2 bold."),
        "strength": _number(1.0, 1.5, "How much of the colour is put on: 0 none, 1 all of it."),
    }


def _split_palette(text: str) -> tuple[str, ...]:
    return tuple(color.strip() for color in text.split(",") if color.strip())


@lru_cache(maxsize=2)
def _colorizer(model: str) -> Colorizer:
    return Colorizer(model)


class PhotochromColorize:
    """Colours images, each by itself."""

    CATEGORY: ClassVar[str] = CATEGORY
    DESCRIPTION: ClassVar[str] = "Colours gray images. Their lightness stays as it is."
    FUNCTION: ClassVar[str] = "colorize"
    RETURN_TYPES: ClassVar[tuple[str, ...]] = ("IMAGE", "MASK")
    RETURN_NAMES: ClassVar[tuple[str, ...]] = ("image", "confidence")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        """Returns the inputs, as ComfyUI asks for them."""
        return {
            "required": {"image": ("IMAGE",), **_settings()},
            "optional": {
                "hints": (HINTS, {"tooltip": "Colours at places of the image."}),
                "reference": ("IMAGE", {"tooltip": "An image in colour: what looks alike takes its colours."}),
                "palette": ("STRING", {"default": "", "tooltip": "Colours to lean towards: #8a5a3c, #7fa7d0"}),
            },
        }

    def colorize(
        self,
        image: torch.Tensor,
        model: str,
        vividness: float,
        strength: float,
        hints: tuple[Hint, ...] = (),
        reference: torch.Tensor | None = None,
        palette: str = "",
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns the images in colour (B,H,W,3), and how sure the network is (B,H,W), 0..1."""
        colorizer = _colorizer(model)
        colors, confidences = [], []
        for frame in image:
            result = colorizer(
                _to_array(frame),
                vividness=vividness,
                strength=strength,
                hints=hints,
                reference=None if reference is None else _to_array(reference[0]),
                palette=_split_palette(palette),
            )
            colors.append(torch.from_numpy(np.array(result.picture.pages[0].pixels, np.float32)))
            confidences.append(_enlarge(result.confidence_map, frame.shape[:2]))
        return torch.stack(colors), torch.stack(confidences)


class PhotochromColorizeFilm:
    """Colours the frames of a film, which hold still along its motion."""

    CATEGORY: ClassVar[str] = CATEGORY
    DESCRIPTION: ClassVar[str] = "Colours the frames of a film. Colours hold still and begin anew at cuts."
    FUNCTION: ClassVar[str] = "colorize"
    RETURN_TYPES: ClassVar[tuple[str, ...]] = ("IMAGE",)
    RETURN_NAMES: ClassVar[tuple[str, ...]] = ("frames",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        """Returns the inputs, as ComfyUI asks for them."""
        still = _number(1.0, 1.0, "0 for each frame by itself, 1 for colours that hold still.")
        return {
            "required": {"frames": ("IMAGE",), **_settings(), "temporal_smoothing": still},
            "optional": {"palette": ("STRING", {"default": "", "tooltip": "Colours to lean towards."})},
        }

    def colorize(
        self,
        frames: torch.Tensor,
        model: str,
        vividness: float,
        strength: float,
        temporal_smoothing: float,
        palette: str = "",
    ) -> tuple[torch.Tensor]:
        """Returns the frames in colour, (B,H,W,3); films are worked on in 8 bits."""
        colored = colorize_frames(
            _to_bytes(frames),
            model=model,
            vividness=vividness,
            strength=strength,
            temporal_smoothing=temporal_smoothing,
            palette=_split_palette(palette),
        )
        return (torch.stack([torch.from_numpy(frame.astype(np.float32) / 255.0) for frame in colored]),)


class PhotochromHint:
    """Says what colour a place has; several are chained."""

    CATEGORY: ClassVar[str] = CATEGORY
    DESCRIPTION: ClassVar[str] = "A colour at a place. Chain several by their hints."
    FUNCTION: ClassVar[str] = "add"
    RETURN_TYPES: ClassVar[tuple[str, ...]] = (HINTS,)
    RETURN_NAMES: ClassVar[tuple[str, ...]] = ("hints",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        """Returns the inputs, as ComfyUI asks for them."""
        pixels = {"default": 0, "min": 0, "max": SIDE}
        return {
            "required": {
                "x": ("INT", {**pixels, "tooltip": "Pixels from the left edge."}),
                "y": ("INT", {**pixels, "tooltip": "Pixels from the top edge."}),
                "color": ("STRING", {"default": "#8a5a3c", "tooltip": "Its lightness is ignored."}),
                "radius": ("INT", {**pixels, "tooltip": "Pixels around the place that have this colour."}),
            },
            "optional": {"hints": (HINTS,)},
        }

    def add(self, x: int, y: int, color: str, radius: int, hints: tuple[Hint, ...] = ()) -> tuple[tuple[Hint, ...]]:
        """Returns the hints with one more."""
        return ((*hints, Hint(x=x, y=y, color=color.strip(), radius=radius)),)


class PhotochromSuggest:
    """Names the colours that the network thinks likely at a place."""

    CATEGORY: ClassVar[str] = CATEGORY
    DESCRIPTION: ClassVar[str] = "The colours that the network thinks likely at a place, the likeliest first."
    FUNCTION: ClassVar[str] = "suggest"
    RETURN_TYPES: ClassVar[tuple[str, ...]] = ("STRING",)
    RETURN_NAMES: ClassVar[tuple[str, ...]] = ("colors",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        """Returns the inputs, as ComfyUI asks for them."""
        pixels = {"default": 0, "min": 0, "max": SIDE}
        return {"required": {"image": ("IMAGE",), "model": (_models(),), "x": ("INT", pixels), "y": ("INT", pixels)}}

    def suggest(self, image: torch.Tensor, model: str, x: int, y: int) -> tuple[str]:
        """Returns colours ``#rrggbb``, a line each, of the first image."""
        found = _colorizer(model).suggest_colors(_to_array(image[0]), x, y)
        return ("\n".join(suggestion.color for suggestion in found),)


def _to_array(image: torch.Tensor) -> np.ndarray[Any, Any]:
    """Returns an image (H,W,3) as an array, 0..1: ComfyUI lets values stray a little."""
    return image.detach().cpu().float().clamp(0.0, 1.0).numpy()


def _to_bytes(frames: torch.Tensor) -> Iterator[np.ndarray[Any, Any]]:
    for frame in frames:
        yield np.rint(_to_array(frame) * 255.0).astype(np.uint8)


def _enlarge(confidence: np.ndarray[Any, Any] | None, size: tuple[int, ...]) -> torch.Tensor:
    if confidence is None:
        return torch.zeros(*size)
    planes = torch.from_numpy(confidence.astype(np.float32))[None, None]
    return torch.nn.functional.interpolate(planes, size=tuple(size), mode="bilinear", align_corners=False)[0, 0]


NODE_CLASS_MAPPINGS = {
    "PhotochromColorize": PhotochromColorize,
    "PhotochromColorizeFilm": PhotochromColorizeFilm,
    "PhotochromHint": PhotochromHint,
    "PhotochromSuggest": PhotochromSuggest,
}
NODE_DISPLAY_NAME_MAPPINGS = {
    "PhotochromColorize": "Colorize (photochrom)",
    "PhotochromColorizeFilm": "Colorize Film (photochrom)",
    "PhotochromHint": "Color Hint (photochrom)",
    "PhotochromSuggest": "Suggest Colors (photochrom)",
}
