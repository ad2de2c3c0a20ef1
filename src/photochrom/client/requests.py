"""What is asked of the service, apart from how it is sent: both clients make their requests here."""

import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import unquote

import httpx
from pydantic import BaseModel

from photochrom.client.uploads import Upload
from photochrom.web.schemas.jobs import (
    BatchRequest,
    JobInfo,
    JobsResponse,
    ShotRequest,
    ShotsResponse,
    VideoInfo,
    VideoRequest,
    VideosResponse,
    WebhookOption,
)
from photochrom.web.schemas.options import ColorizeOptions
from photochrom.web.schemas.photos import (
    ColorizeRequest,
    ConfidenceRequest,
    LimitInfo,
    ModelInfo,
    PhotoInfo,
    PhotosResponse,
    ProjectRequest,
    ProjectResponse,
    SuggestionInfo,
    SuggestionsRequest,
    SuggestionsResponse,
    VariationInfo,
    VariationsRequest,
    VariationsResponse,
)

__all__ = ["ColoredPhoto", "Request"]

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class ColoredPhoto:
    """A photo in colour.

    Attributes:
        data: the file.
        name: as the service would save it; empty for a preview.
        media_type: of the file, such as ``image/jpeg``.
        model: the network that coloured it.
        confidence: of the network, 0 to 1; None where it does not tell.
    """

    data: bytes = field(repr=False)
    name: str
    media_type: str
    model: str
    confidence: float | None


@dataclass(frozen=True)
class Request(Generic[T]):
    """One request, and how its answer is read.

    Attributes:
        method: of HTTP.
        path: under the API.
        read: makes what the caller gets.
        json: the body, if it is JSON.
        upload: the file of a form, and the field it stands in.
        fields: the form's other fields.
        params: of the address.
        headers: besides the usual ones.
    """

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    json: BaseModel | None = None
    upload: tuple[str, Upload] | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of httpx; made anew for each attempt, because a body is read once."""
        made: dict[str, Any] = {"method": self.method, "url": self.path, "headers": dict(self.headers)}
        if self.params:
            made["params"] = dict(self.params)
        if self.json is not None:
            made["json"] = self.json.model_dump(mode="json", exclude_unset=True)
        if self.upload is not None:
            name, file = self.upload
            file.seek(0)
            made |= {"files": {name: (file.name, file)}, "data": dict(self.fields)}
        return made


def _model(kind: type[Model]) -> Callable[[httpx.Response], Model]:
    return lambda answer: kind.model_validate(answer.json())


def _nothing(answer: httpx.Response) -> None:
    return None


def _colored(answer: httpx.Response) -> ColoredPhoto:
    confidence = answer.headers.get("x-photochrom-confidence")
    named = re.search(r"filename\*=UTF-8''([^;]+)", answer.headers.get("content-disposition", ""))
    return ColoredPhoto(
        data=answer.content,
        name=unquote(named[1]) if named else "",
        media_type=answer.headers.get("content-type", ""),
        model=answer.headers.get("x-photochrom-model", ""),
        confidence=None if confidence is None else float(confidence),
    )


def _options(options: ColorizeOptions | None) -> str:
    return json.dumps((options or ColorizeOptions()).model_dump(mode="json", exclude_unset=True))


def _once() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_urlsafe(16)}


def colorize(
    file: Upload,
    options: ColorizeOptions | None,
    format: str | None,  # noqa: A002
    quality: int | None,
) -> Request[ColoredPhoto]:
    fields = {"options": _options(options)} | ({"output": format} if format else {})
    fields |= {} if quality is None else {"quality": str(quality)}
    return Request("POST", "colorize", _colored, upload=("file", file), fields=fields)


def add_photo(file: Upload) -> Request[PhotoInfo]:
    return Request("POST", "photos", _model(PhotoInfo), upload=("file", file), headers=_once())


def list_photos() -> Request[list[PhotoInfo]]:
    return Request("GET", "photos", lambda answer: PhotosResponse.model_validate(answer.json()).photos)


def get_photo(id_: str) -> Request[PhotoInfo]:
    return Request("GET", f"photos/{id_}", _model(PhotoInfo))


def delete_photo(id_: str) -> Request[None]:
    return Request("DELETE", f"photos/{id_}", _nothing)


def preview(id_: str, max_size: int) -> Request[bytes]:
    return Request("GET", f"photos/{id_}/preview", lambda answer: answer.content, params={"max_size": max_size})


def colorize_photo(
    id_: str,
    options: ColorizeOptions | None,
    format: str | None,  # noqa: A002
    max_size: int | None,
    quality: int | None,
) -> Request[ColoredPhoto]:
    wanted: dict[str, Any] = {"options": options or ColorizeOptions()}
    wanted |= (
        {"output": "file", "format": format, "quality": quality}
        if max_size is None
        else {"output": "preview", "max_size": max_size}
    )
    return Request("POST", f"photos/{id_}/colorize", _colored, json=ColorizeRequest(**wanted))


def draw_confidence(id_: str, options: ColorizeOptions | None, max_size: int) -> Request[bytes]:
    asked = ConfidenceRequest(options=options or ColorizeOptions(), max_size=max_size)
    return Request("POST", f"photos/{id_}/confidence", lambda answer: answer.content, json=asked)


def suggest_colors(
    id_: str, x: float, y: float, count: int, options: ColorizeOptions | None
) -> Request[list[SuggestionInfo]]:
    asked = SuggestionsRequest(x=x, y=y, count=count, options=options or ColorizeOptions())
    return Request(
        "POST",
        f"photos/{id_}/suggestions",
        lambda answer: SuggestionsResponse.model_validate(answer.json()).suggestions,
        json=asked,
    )


def make_variations(
    id_: str, count: int, seed: int, max_size: int, options: ColorizeOptions | None
) -> Request[list[VariationInfo]]:
    asked = VariationsRequest(count=count, seed=seed, max_size=max_size, options=options or ColorizeOptions())
    return Request(
        "POST",
        f"photos/{id_}/variations",
        lambda answer: VariationsResponse.model_validate(answer.json()).variations,
        json=asked,
    )


def export_project(id_: str, options: ColorizeOptions) -> Request[bytes]:
    asked = ProjectRequest(options=options)
    return Request("POST", f"photos/{id_}/projects/export", lambda answer: answer.content, json=asked)


def import_project(id_: str, file: Upload) -> Request[ColorizeOptions]:
    return Request(
        "POST",
        f"photos/{id_}/projects/import",
        lambda answer: ProjectResponse.model_validate(answer.json()).options,
        upload=("project", file),
    )


def store_video(file: Upload) -> Request[VideoInfo]:
    return Request("POST", "videos", _model(VideoInfo), upload=("file", file), headers=_once())


def list_videos() -> Request[list[VideoInfo]]:
    return Request("GET", "videos", lambda answer: VideosResponse.model_validate(answer.json()).videos)


def get_video(id_: str) -> Request[VideoInfo]:
    return Request("GET", f"videos/{id_}", _model(VideoInfo))


def delete_video(id_: str) -> Request[None]:
    return Request("DELETE", f"videos/{id_}", _nothing)


def list_shots(id_: str) -> Request[ShotsResponse]:
    return Request("GET", f"videos/{id_}/shots", _model(ShotsResponse))


def colorize_shot(id_: str, number: int, options: ColorizeOptions | None, max_size: int) -> Request[ColoredPhoto]:
    asked = ShotRequest(options=options or ColorizeOptions(), max_size=max_size)
    return Request("POST", f"videos/{id_}/shots/{number}/colorize", _colored, json=asked)


def colorize_video(asked: VideoRequest) -> Request[JobInfo]:
    return Request("POST", "jobs", _model(JobInfo), json=asked, headers=_once())


def add_video(
    file: Upload, options: ColorizeOptions | None, container: str, webhook: WebhookOption | None
) -> Request[JobInfo]:
    fields = {"options": _options(options), "container": container}
    if webhook is not None:
        fields["webhook"] = webhook.model_dump_json()
    return Request("POST", "jobs", _model(JobInfo), upload=("file", file), fields=fields, headers=_once())


def add_batch(
    ids: Sequence[str],
    options: Mapping[str, ColorizeOptions],
    format: str | None,  # noqa: A002
    webhook: WebhookOption | None,
) -> Request[JobInfo]:
    wanted: dict[str, Any] = {"photos": list(ids), "options": dict(options), "format": format}
    wanted |= {} if webhook is None else {"webhook": webhook}
    return Request("POST", "jobs", _model(JobInfo), json=BatchRequest(**wanted), headers=_once())


def list_jobs() -> Request[list[JobInfo]]:
    return Request("GET", "jobs", lambda answer: JobsResponse.model_validate(answer.json()).jobs)


def get_job(id_: str) -> Request[JobInfo]:
    return Request("GET", f"jobs/{id_}", _model(JobInfo))


def cancel_job(id_: str) -> Request[JobInfo]:
    return Request("POST", f"jobs/{id_}/cancel", _model(JobInfo))


def delete_job(id_: str) -> Request[None]:
    return Request("DELETE", f"jobs/{id_}", _nothing)


def list_models() -> Request[list[ModelInfo]]:
    return Request("GET", "models", lambda answer: [ModelInfo.model_validate(each) for each in answer.json()])


def get_limits() -> Request[LimitInfo]:
    return Request("GET", "limits", _model(LimitInfo))
