"""What goes in and out about videos and jobs as JSON; the rest is in :mod:`photochrom.web.schemas.photos`."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from photochrom.web.jobs.webhook_signature import SECRET_PATTERN
from photochrom.web.schemas.base import Format, Id, MaxSize, Quality, RequestModel, ResponseModel
from photochrom.web.schemas.options import ColorizeOptions, HintOption

__all__ = [
    "SUFFIXES",
    "BatchRequest",
    "JobInfo",
    "JobsResponse",
    "LeftOutInfo",
    "ShotInfo",
    "ShotRequest",
    "ShotsResponse",
    "VideoHintOption",
    "VideoInfo",
    "VideoReferenceOption",
    "VideoRequest",
    "VideosResponse",
    "WebhookOption",
]

#: containers that a result is written as, by their files' suffixes
SUFFIXES = ("mp4", "mov", "mkv", "webm", "avi")
Moment = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False, description="seconds from the video's start")]


class WebhookOption(RequestModel):
    """Where the end of a job is told: one signed POST, as the Standard Webhooks specification has it."""

    url: str = Field(max_length=2000, examples=["https://hooks.example/photochrom"])
    secret: str = Field(pattern=SECRET_PATTERN, description="whsec_ and 24 to 64 random bytes in Base64; signs it")


class BatchRequest(RequestModel):
    """Stored photos that are coloured into one zip file."""

    photos: Annotated[list[Id], Field(min_length=1, max_length=1000)]
    options: dict[Id, ColorizeOptions] = Field(
        default_factory=dict, description="of each photo; defaults for those not named"
    )
    format: Format | None = None
    quality: Quality | None = Field(default=None, description="of those of its photos that have one")
    webhook: WebhookOption | None = None


class VideoHintOption(HintOption):
    """A colour at a place of the upright video, at a moment; it is held through the shot."""

    time: Moment


class VideoReferenceOption(RequestModel):
    """A stored photo whose colours matching things take: those of one shot, or of all."""

    photo: Id
    time: Moment | None = Field(default=None, description="a moment of the shot it is for; null for all shots")


class VideoRequest(RequestModel):
    """A stored video that is coloured."""

    video: Id
    options: ColorizeOptions = Field(default_factory=ColorizeOptions)
    hints: list[VideoHintOption] = Field(default_factory=list)
    references: Annotated[list[VideoReferenceOption], Field(max_length=16)] = Field(default_factory=list)
    container: Annotated[str, Field(pattern=f"^({'|'.join(SUFFIXES)})$")] = SUFFIXES[0]
    codec: Annotated[str, Field(pattern="^[a-z0-9]{2,10}$")] | None = Field(
        default=None, description="one of the container's, as the video's ``codecs`` have them; null for its first"
    )
    webhook: WebhookOption | None = None


class VideoInfo(BaseModel):
    """A stored video."""

    id: Id
    name: str
    width: int
    height: int
    rate: float = Field(description="frames a second, on average")
    frames: int = Field(description="as far as the file says")
    seconds: float = Field(description="as far as the file says")
    size_bytes: int
    expires: str = Field(description="when it is deleted if it is not used until then, ISO 8601, UTC")
    estimate: float = Field(description="about how long colouring it takes, seconds")
    codecs: dict[str, list[str]] = Field(description="what each container may hold, its own choice first")


class VideosResponse(BaseModel):
    """The client's videos, the first to expire first."""

    videos: list[VideoInfo]


class ShotInfo(BaseModel):
    """A shot; seconds count from the video's start."""

    number: int
    time: float
    seconds: float
    still: float = Field(description="the moment that its still shows")


class ShotsResponse(BaseModel):
    """The shots of a video, as soon as they are found."""

    progress: float = Field(ge=0, le=1)
    complete: bool
    error: str | None = Field(description="why they cannot be found, and what to do")
    error_code: str | None
    shots: list[ShotInfo]


class ShotRequest(RequestModel):
    """How the still of a shot is to be coloured; places of hints are pixels of the upright video."""

    options: ColorizeOptions = Field(default_factory=ColorizeOptions)
    max_size: MaxSize = 640


class LeftOutInfo(BaseModel):
    """A photo of a batch that is not in its result, and why."""

    name: str
    code: str = Field(examples=["photo.truncated"])
    reason: str = Field(description="what failed, and what to do")


class JobInfo(ResponseModel):
    """A video or a batch of photos in work."""

    id: Id
    type: Literal["video", "batch"]
    name: str
    video: str | None = Field(default=None, description="the stored video that is coloured; null for others")
    status: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: float = Field(ge=0, le=1)
    seconds_left: float | None
    error: str | None = Field(description="why it failed, and what to do")
    error_code: str | None = Field(default=None, description="why it failed, for programs")
    created: str
    expires: str | None = Field(description="when it is deleted, ISO 8601, UTC; null while it waits or runs")
    url: str = Field(default="", description="where the job is")
    result_url: str | None = Field(default=None, description="where the result is; null until it is done")
    result: str | None = Field(description="where the result is, under this API")
    size_bytes: int | None = Field(default=None, description="of the result")
    notes: list[str] = Field(default_factory=list, description="what was changed or left out, a sentence each")
    webhook: Literal["waiting", "delivered", "failed"] | None = Field(
        default=None, description="how telling its end stands; null where nobody wants to be told"
    )
    left_out: list[LeftOutInfo] = Field(default_factory=list, description="photos of a batch that its zip lacks")
    kept_frames: int = Field(
        default=0, description="of a stored video: frames that an earlier run had coloured, and that are as they were"
    )


class JobsResponse(BaseModel):
    """The client's jobs, the oldest first."""

    jobs: list[JobInfo]
