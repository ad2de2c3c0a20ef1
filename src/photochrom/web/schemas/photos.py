"""What goes in and out about photos and the service itself as JSON; the OpenAPI page describes these classes."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from photochrom.web.schemas.base import Count, Format, Id, MaxSize, Pixel, Quality, RequestModel, ResponseModel, Seed
from photochrom.web.schemas.options import ColorizeOptions

__all__ = [
    "ColorizeRequest",
    "ConfidenceRequest",
    "ErrorResponse",
    "LimitInfo",
    "ModelInfo",
    "PhotoInfo",
    "PhotosResponse",
    "ProjectRequest",
    "ProjectResponse",
    "SessionRequest",
    "SuggestionInfo",
    "SuggestionsRequest",
    "SuggestionsResponse",
    "TilesInfo",
    "TilesRequest",
    "TokenResponse",
    "VariationInfo",
    "VariationsRequest",
    "VariationsResponse",
]


class ColorizeRequest(RequestModel):
    """How a stored photo is to be coloured, and what is wanted of it."""

    options: ColorizeOptions = Field(default_factory=lambda: ColorizeOptions())
    output: Literal["preview", "file"] = "preview"
    max_size: MaxSize = 1280
    format: Format | None = Field(default=None, description="of a file; the source's own where none is given")
    quality: Quality | None = None


class ConfidenceRequest(RequestModel):
    """For which options the confidence of the network is drawn, and how large."""

    options: ColorizeOptions = Field(default_factory=lambda: ColorizeOptions())
    max_size: MaxSize = 1280


class SuggestionsRequest(RequestModel):
    """A point of the upright full-size photo, pixels, and how many colours are wanted for it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"x": 310, "y": 200, "count": 5}]})

    x: Pixel
    y: Pixel
    count: Count = 5
    options: ColorizeOptions = Field(default_factory=lambda: ColorizeOptions())


class VariationsRequest(RequestModel):
    """How many other colourings of a photo are wanted, and how large."""

    count: Count = 4
    seed: Seed = 0
    max_size: MaxSize = 320
    options: ColorizeOptions = Field(default_factory=lambda: ColorizeOptions())


class ProjectRequest(RequestModel):
    """Options to be kept in a project file."""

    options: ColorizeOptions = Field(default_factory=lambda: ColorizeOptions())


class TilesRequest(RequestModel):
    """For which options tiles are wanted."""

    options: ColorizeOptions = Field(default_factory=lambda: ColorizeOptions())


class TilesInfo(BaseModel):
    """The first page of a photo in its colours, cut into squares of its own pixels."""

    id: Id
    width: int
    height: int
    tile_size: int = Field(description="side of a tile, pixels; those at the right and lower edge are smaller")
    columns: int
    rows: int
    url: str = Field(description="where a tile is, with ``{column}`` and ``{row}``, which count from 0")


class ErrorResponse(BaseModel):
    """Why a request was refused: problem details of RFC 9457, with a code for programs."""

    class Details(BaseModel):
        """The form of version 0.1, which goes out until version 0.3."""

        code: str = Field(examples=["service.photo_too_large"])
        message: str = Field(examples=["The photo has more than 60 megapixels."])
        remedy: str = Field(examples=["Send a smaller one."])

    type: str = Field(examples=["urn:photochrom:error:service.photo_too_large"])
    title: str = Field(description="of the status", examples=["Content Too Large"])
    status: int = Field(examples=[413])
    detail: str = Field(description="what failed", examples=["The photo has more than 60 megapixels."])
    code: str = Field(description="for programs; stays the same", examples=["service.photo_too_large"])
    remedy: str = Field(description="what to do; may be empty", examples=["Send a smaller one."])
    error: Details = Field(deprecated=True)


class PhotoInfo(ResponseModel):
    """A stored photo."""

    id: Id
    name: str
    width: int
    height: int
    format: str
    bits: int
    pages: int
    sha256: str
    megapixels: float
    size_bytes: int
    has_color: bool
    expires: str = Field(description="when it is deleted if it is not used until then, ISO 8601, UTC")


class PhotosResponse(BaseModel):
    """The client's photos, the oldest first."""

    photos: list[PhotoInfo]


class SuggestionInfo(BaseModel):
    """A colour that the network thinks possible at a point."""

    color: str
    probability: float


class SuggestionsResponse(BaseModel):
    """The likeliest first."""

    suggestions: list[SuggestionInfo]


class VariationInfo(BaseModel):
    """Another colouring; seed and index go into ``options.variation``."""

    seed: int
    index: int
    image: str = Field(description="data:image/jpeg;base64,...")


class VariationsResponse(ResponseModel):
    """As many as asked for."""

    _always = False

    variations: list[VariationInfo]


class ProjectResponse(ResponseModel):
    """The options that a project file holds."""

    _always = False

    options: ColorizeOptions


class ModelInfo(ResponseModel):
    """A network."""

    name: str
    description: str
    parameters: int
    megabytes: float
    license: str
    hints: bool
    vividness: bool
    variations: bool
    confidence: bool
    palette: bool
    reference: bool
    scores: dict[str, float]
    default: bool


class SessionRequest(RequestModel):
    """An API key that a browser is to keep."""

    key: str = Field(max_length=200)


class TokenResponse(BaseModel):
    """A token for ``Authorization: Bearer``; it is given once."""

    token: str


class LimitInfo(ResponseModel):
    """What the service takes at most; bytes, pixels, seconds."""

    photo_bytes: int
    video_bytes: int
    pixels: int
    video_pixels: int
    frames: int
    video_seconds: int
    hints: int
    photos: int
    videos: int = 0
    jobs: int
    active_jobs: int
    variations: int
    max_size: int
    photo_seconds: int
    job_seconds: int
    requests_per_minute: int | None = Field(default=None, description="of this API key; null for any number")
