"""What goes in and out as JSON; the OpenAPI page describes these classes."""

from dataclasses import astuple
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

import photochrom.options
from photochrom.options import MAX_VARIATIONS, help_of, range_of
from photochrom.web.deprecated_names import add_old_names, rename_fields

__all__ = [
    "ColorizeOptions",
    "ColorizeRequest",
    "ConfidenceRequest",
    "ErrorResponse",
    "Format",
    "HintOption",
    "Id",
    "LimitInfo",
    "MaxSize",
    "ModelInfo",
    "PhotoInfo",
    "PhotosResponse",
    "ProjectRequest",
    "ProjectResponse",
    "Quality",
    "RequestModel",
    "ResponseModel",
    "SessionRequest",
    "SuggestionInfo",
    "SuggestionsRequest",
    "SuggestionsResponse",
    "TilesInfo",
    "TilesRequest",
    "TokenResponse",
    "VariationInfo",
    "VariationOption",
    "VariationsRequest",
    "VariationsResponse",
]

Color = Annotated[str, Field(pattern="^#([0-9a-fA-F]{3}){1,2}$", examples=["#8a5a3c"])]
Pixel = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Id = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{22,64}$", examples=["Zr0bTFJb6vDqD8sZ9wYhVQ"])]
MaxSize = Annotated[int, Field(ge=16, le=16384, description="longest side of the image, pixels")]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Quality = Annotated[
    int, Field(ge=1, le=100, description="of a JPEG, WEBP, AVIF or HEIF; the source's where none is given")
]
Count = Annotated[int, Field(ge=1, le=MAX_VARIATIONS)]


def _spell_format(name: object) -> object:
    return _FORMATS.get(name.lower(), name.upper()) if isinstance(name, str) else name


_FORMATS = {"jpg": "JPEG", "jp2": "JPEG2000", "tif": "TIFF", "heic": "HEIF", "pgm": "PNM", "ppm": "PNM"}
#: of a file, in any case; ``jpg``, ``jp2``, ``tif``, ``heic``, ``pgm`` and ``ppm`` are other names
Format = Annotated[
    Literal["JPEG", "JPEG2000", "PNG", "TIFF", "WEBP", "BMP", "GIF", "AVIF", "HEIF", "PNM", "TGA"],
    BeforeValidator(_spell_format),
]


class RequestModel(BaseModel):
    """What comes in: unknown keys are refused, old names are taken."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _accept_old_names(cls, entries: object) -> object:
        return rename_fields(entries, cls.model_fields)


class ResponseModel(BaseModel):
    """What goes out, under old names too."""

    #: whether its fields go out under their old names too when the request had new names only
    _always: ClassVar[bool] = True

    @model_serializer(mode="wrap")
    def _give_old_names(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return add_old_names(serialize(self), always=self._always)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        # described are the new names alone
        return handler({name: part for name, part in core_schema.items() if name != "serialization"})


class HintOption(RequestModel):
    """A colour at a place of the upright full-size photo."""

    x: Pixel
    y: Pixel
    color: Color
    radius: Pixel = 0.0


def _bounds(name: str) -> Any:
    """Returns the range and the help of an option, which stand with its definition and nowhere else."""
    kind = photochrom.options.ColorizeOptions
    low, high = (int(each) if each.is_integer() else each for each in map(float, astuple(range_of(kind, name))))
    return Field(ge=low, le=high, allow_inf_nan=False, description=help_of(kind, name))


class VariationOption(RequestModel):
    """Which of the variations of a seed; ``index`` counts from 0."""

    seed: Seed = 0
    index: Annotated[int, Field(ge=0, lt=MAX_VARIATIONS)] = 0


class ColorizeOptions(RequestModel):
    """How a photo is coloured; every key may be left out."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"vividness": 1.2, "hints": [{"x": 310, "y": 200, "color": "#8a5a3c"}]}]},
    )

    model: Annotated[str, Field(max_length=100, pattern=r"^[\w.-]+$")] | None = None
    vividness: Annotated[float, _bounds("vividness")] = 1.0
    strength: Annotated[float, _bounds("strength")] = 1.0
    input_size: Annotated[int, _bounds("input_size")] | None = None
    hints: list[HintOption] = Field(default_factory=list)
    palette: Annotated[list[Color], Field(max_length=16)] = Field(default_factory=list)
    reference: Id | None = Field(
        default=None, description="id of another photo of this client, whose colours are taken over"
    )
    variation: VariationOption | None = None
    auto_contrast: bool = False
    salvage: bool = Field(
        default=False, description="of a photo that is sent along; one that is stored has it from when it was stored"
    )


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
