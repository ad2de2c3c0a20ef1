"""What goes in and out as JSON; the OpenAPI page is made of these."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AlternativeGiven",
    "AlternativesAsked",
    "AlternativesMade",
    "BatchAsked",
    "ClientMade",
    "ColoringAsked",
    "ConfidenceAsked",
    "HintGiven",
    "JobFacts",
    "Jobs",
    "LimitFacts",
    "ModelFacts",
    "PhotoFacts",
    "Photos",
    "ProjectAsked",
    "ProjectOpened",
    "Settings",
    "SuggestionMade",
    "SuggestionsAsked",
    "SuggestionsMade",
    "Trouble",
]

Color = Annotated[str, Field(pattern="^#([0-9a-fA-F]{3}){1,2}$", examples=["#8a5a3c"])]
Pixel = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Id = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{22,64}$", examples=["Zr0bTFJb6vDqD8sZ9wYhVQ"])]
Side = Annotated[int, Field(ge=16, le=16384, description="longest side of the picture, pixels")]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HintGiven(_Given):
    """A colour at a place of the upright full-size photo."""

    x: Pixel
    y: Pixel
    color: Color
    radius: Pixel = 0.0


class AlternativeGiven(_Given):
    """Which of the alternatives of a seed; ``index`` counts from 0."""

    seed: Seed = 0
    index: Annotated[int, Field(ge=0, le=11)] = 0


class Settings(_Given):
    """How a photo is coloured; every key may be left out."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"vividness": 1.2, "hints": [{"x": 310, "y": 200, "color": "#8a5a3c"}]}]},
    )

    model: Annotated[str, Field(max_length=100, pattern=r"^[\w.-]+$")] | None = None
    vividness: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 1.0
    strength: Annotated[float, Field(ge=0, le=1.5, allow_inf_nan=False)] = 1.0
    size: Annotated[int, Field(ge=32, le=1024)] | None = None
    hints: list[HintGiven] = Field(default_factory=list)
    palette: Annotated[list[Color], Field(max_length=16)] = Field(default_factory=list)
    reference: Id | None = Field(
        default=None, description="id of another photo of this client, whose colours are taken over"
    )
    alternative: AlternativeGiven | None = None
    restore_contrast: bool = False


class ColoringAsked(_Given):
    """What is wanted of a photo that is here already."""

    settings: Settings = Field(default_factory=lambda: Settings())
    output: Literal["preview", "file"] = "preview"
    side: Side = 1280
    format: Literal[
        "JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF", "AVIF", "HEIF", "jpeg", "jpg", "png", "tiff", "webp"
    ] | (None) = Field(default=None, description="of a file; the source's own where none is given")


class ConfidenceAsked(_Given):
    """How sure the network is, as a picture."""

    settings: Settings = Field(default_factory=lambda: Settings())
    side: Side = 1280


class SuggestionsAsked(_Given):
    """A point of the upright full-size photo, pixels, and how many colours are wanted for it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"x": 310, "y": 200, "k": 5}]})

    x: Pixel
    y: Pixel
    k: Annotated[int, Field(ge=1, le=12)] = 5
    settings: Settings = Field(default_factory=lambda: Settings())


class AlternativesAsked(_Given):
    """Other colourings of a photo."""

    n: Annotated[int, Field(ge=1, le=12)] = 4
    seed: Seed = 0
    side: Side = 320
    settings: Settings = Field(default_factory=lambda: Settings())


class ProjectAsked(_Given):
    """Settings to be kept in a project file."""

    settings: Settings = Field(default_factory=lambda: Settings())


class BatchAsked(_Given):
    """Photos that are here already, coloured into one zip file."""

    photos: Annotated[list[Id], Field(min_length=1, max_length=1000)]
    settings: dict[Id, Settings] = Field(
        default_factory=dict, description="of each photo; defaults for those not named"
    )
    format: Literal["JPEG", "PNG", "TIFF", "WEBP", "jpeg", "jpg", "png", "tiff", "webp"] | None = None


class Trouble(BaseModel):
    """Why a request was refused."""

    class Details(BaseModel):
        """A code for programs, one sentence for people."""

        code: str = Field(examples=["too_many_pixels"])
        message: str = Field(examples=["the photo has more than 60 megapixels: send a smaller one"])

    error: Details


class PhotoFacts(BaseModel):
    """A photo that is here."""

    id: Id
    name: str
    width: int
    height: int
    format: str
    bits: int
    pages: int
    sha256: str
    megapixels: float
    bytes: int
    has_color: bool
    expires: str = Field(description="when it is deleted if it is not used until then, ISO 8601, UTC")


class Photos(BaseModel):
    """The client's photos, the oldest first."""

    photos: list[PhotoFacts]


class SuggestionMade(BaseModel):
    """A colour that the network thinks possible at a point."""

    color: str
    probability: float


class SuggestionsMade(BaseModel):
    """The likeliest first."""

    suggestions: list[SuggestionMade]


class AlternativeMade(BaseModel):
    """Another colouring; seed and index go into ``settings.alternative``."""

    seed: int
    index: int
    image: str = Field(description="data:image/jpeg;base64,...")


class AlternativesMade(BaseModel):
    """As many as asked for."""

    alternatives: list[AlternativeMade]


class ProjectOpened(BaseModel):
    """What the project file sets."""

    settings: Settings


class ModelFacts(BaseModel):
    """A network."""

    name: str
    description: str
    parameters: int
    megabytes: float
    license: str
    hints: bool
    vividness: bool
    alternatives: bool
    confidence: bool
    palette: bool
    reference: bool
    scores: dict[str, float]
    default: bool


class JobFacts(BaseModel):
    """A film or a batch of photos in work."""

    id: Id
    kind: Literal["film", "photos"]
    name: str
    status: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: float = Field(ge=0, le=1)
    seconds_left: float | None
    error: str | None
    created: str
    expires: str | None = Field(description="when it is deleted, ISO 8601, UTC; null while it waits or runs")
    result: str | None = Field(description="where the result is, under this API")
    bytes: int | None = None
    notes: list[str] = Field(default_factory=list)


class Jobs(BaseModel):
    """The client's jobs, the oldest first."""

    jobs: list[JobFacts]


class ClientMade(BaseModel):
    """A token for ``Authorization: Bearer``; it is told once."""

    token: str


class LimitFacts(BaseModel):
    """What the service takes at most; bytes, pixels, seconds."""

    photo_bytes: int
    film_bytes: int
    pixels: int
    film_pixels: int
    frames: int
    film_seconds: int
    hints: int
    photos: int
    jobs: int
    active_jobs: int
    alternatives: int
    side: int
    photo_seconds: int
    job_seconds: int
