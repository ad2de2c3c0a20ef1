"""How a video is to be coloured, as it lies beside its job until a worker comes."""

import json

from pydantic import BaseModel, Field

from photochrom.web.schemas.jobs import VideoHintOption, VideoReferenceOption
from photochrom.web.schemas.options import ColorizeOptions

__all__ = ["VideoOrder", "read_order"]


class VideoOrder(BaseModel):
    """What a worker is told.

    Attributes:
        options: how it is coloured.
        hints: colours at places and moments.
        references: photos whose colours its shots take.
        codec: None for the container's own.
    """

    options: ColorizeOptions
    hints: list[VideoHintOption] = Field(default_factory=list)
    references: list[VideoReferenceOption] = Field(default_factory=list)
    codec: str | None = None


def read_order(data: bytes) -> VideoOrder:
    """Returns the order that lies beside a job; jobs of earlier versions have the options alone."""
    entries = json.loads(data)
    return VideoOrder.model_validate(entries if "options" in entries else {"options": entries})
