"""Uses a photochrom service from Python: photos, videos and batches, with progress, waiting and retries.

Needs the ``client`` extra (httpx, pydantic). Every method of :class:`Client` is there in :class:`AsyncClient` too, to
be awaited. What goes in and out are the models that the service itself uses.
"""

from photochrom.errors import MissingDependencyError

try:
    import httpx  # noqa: F401
    import pydantic  # noqa: F401
except ImportError as error:
    raise MissingDependencyError("The client", "client") from error

from photochrom.client.asynchronous import AsyncClient
from photochrom.client.errors import ServiceError
from photochrom.client.requests import ColoredPhoto
from photochrom.client.synchronous import Client
from photochrom.web.jobs.webhook_signature import check_signature, new_secret
from photochrom.web.schemas.jobs import (
    JobInfo,
    ShotInfo,
    ShotsResponse,
    VideoHintOption,
    VideoInfo,
    VideoReferenceOption,
    VideoRequest,
    WebhookOption,
)
from photochrom.web.schemas.options import ColorizeOptions, HintOption, VariationOption
from photochrom.web.schemas.photos import LimitInfo, ModelInfo, PhotoInfo, SuggestionInfo, VariationInfo

__all__ = [
    "AsyncClient",
    "Client",
    "ColoredPhoto",
    "ColorizeOptions",
    "HintOption",
    "JobInfo",
    "LimitInfo",
    "ModelInfo",
    "PhotoInfo",
    "ServiceError",
    "ShotInfo",
    "ShotsResponse",
    "SuggestionInfo",
    "VariationInfo",
    "VariationOption",
    "VideoHintOption",
    "VideoInfo",
    "VideoReferenceOption",
    "VideoRequest",
    "WebhookOption",
    "check_signature",
    "new_secret",
]
