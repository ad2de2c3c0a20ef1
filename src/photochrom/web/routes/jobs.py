"""Routes for jobs: videos and batches of photos, taken, followed, ended, and their results fetched."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from photochrom.web.deprecated_names import form_names, read_form_field
from photochrom.web.errors import ApiError, validation_error
from photochrom.web.jobs.repository import ORDER, RESULT, VIDEO, WEBHOOK, Job, JobRepository, locate_job
from photochrom.web.jobs.shutdown import ENDING
from photochrom.web.jobs.video_order import VideoOrder
from photochrom.web.jobs.video_upload import check_codec, check_video, check_video_options
from photochrom.web.middleware.addresses import absolute_url
from photochrom.web.routes.photos import Client, Id
from photochrom.web.schemas.jobs import SUFFIXES, BatchRequest, JobInfo, JobsResponse, VideoRequest, WebhookOption
from photochrom.web.schemas.options import ColorizeOptions
from photochrom.web.services import Service, parse_options
from photochrom.web.storage.downloads import attachment_header
from photochrom.web.storage.idempotency import IdempotencyKey, Once
from photochrom.web.storage.photos import clean_name

__all__ = ["job_routes"]

#: seconds between looks at a job that is followed, and between signs of life
_LOOK, _SIGN = 0.4, 15.0
#: milliseconds after which a client that was told of the end may ask again
_AGAIN = 2000
_MEDIA = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "mkv": "video/x-matroska",
    "webm": "video/webm",
    "avi": "video/x-msvideo",
    "zip": "application/zip",
}
_TYPES: Mapping[str, Literal["video", "batch"]] = {
    "multipart/form-data": "video",
    "application/json": "batch",
}


def _schema(kind: type[BaseModel]) -> dict[str, Any]:
    return kind.model_json_schema(ref_template="#/components/schemas/{model}")


_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "a video; its content decides its format"},
        "options": {"type": "string", "description": "ColorizeOptions as JSON, without what photos alone have"},
        "webhook": {"type": "string", "description": "WebhookOption as JSON: where the end of the job is told"},
        "codec": {"type": "string", "description": "one that the container holds; its first where none is given"},
        "container": {"type": "string", "enum": list(SUFFIXES), "default": "mp4"},
    },
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _FORM},
            "application/json": {"schema": {"anyOf": [_schema(BatchRequest), _schema(VideoRequest)]}},
        },
    }
}


def job_routes(service: Service, jobs: JobRepository) -> APIRouter:
    """Returns the routes under ``/jobs``."""
    routes = APIRouter(prefix="/jobs", tags=["jobs"])

    @routes.post("", status_code=202, response_model=JobInfo, openapi_extra=_BODY)
    async def create_job(request: Request, client: Client, idempotency_key: IdempotencyKey = None) -> Response:
        """Colour a video (multipart, or JSON for one that is stored), or several photos into a zip file (JSON)."""
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        kind = _TYPES.get(content_type)
        if kind is None:
            raise ApiError("service.unknown_content_type")
        once = Once(service.storage, client, idempotency_key, kind, service.limits.upload_seconds)
        known = await run_in_threadpool(once.begin)
        try:
            if known is not None:
                job = await run_in_threadpool(jobs.find, client, known)
            else:
                job = await _take(service, jobs, client, kind, request)
                await run_in_threadpool(once.done, job.id)
        except BaseException:
            await run_in_threadpool(once.drop)
            raise
        info = _describe(request, job)
        return JSONResponse(info.model_dump(), 202, {"Location": info.url})

    @routes.get("")
    def list_jobs(request: Request, client: Client) -> JobsResponse:
        """List the client's jobs."""
        return JobsResponse(jobs=[_describe(request, job) for job in jobs.list(client)])

    @routes.get("/{id}")
    def get_job(request: Request, client: Client, id: Id) -> JobInfo:  # noqa: A002
        """Describe a job and its progress."""
        return _describe(request, jobs.find(client, id))

    @routes.get("/{id}/events", response_class=Response, responses={200: {"content": {"text/event-stream": {}}}})
    async def follow_job(request: Request, client: Client, id: Id) -> Response:  # noqa: A002
        """Follow a job by server-sent events called ``progress``, one for each change; they end with the job.

        A process that is to end says ``shutdown`` before it does; the job goes on, and another process tells of it.
        """
        await run_in_threadpool(jobs.find, client, id)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_follow(jobs, client, id, request), media_type="text/event-stream", headers=headers)

    @routes.post("/{id}/cancel")
    def cancel_job(request: Request, client: Client, id: Id) -> JobInfo:  # noqa: A002
        """Cancel a job; nothing of its result is kept."""
        return _describe(request, jobs.cancel(client, id))

    @routes.delete("/{id}", status_code=204)
    def delete_job(client: Client, id: Id) -> None:  # noqa: A002
        """Cancel a job and delete all of it."""
        jobs.remove(client, id)

    @routes.get("/{id}/result", response_class=Response, responses={200: {"content": {"video/*": {}}}})
    def get_result(
        client: Client,
        id: Annotated[str, Path(pattern="^[A-Za-z0-9_-]{22,64}$")],  # noqa: A002
        download: bool = False,
    ) -> Response:
        """Fetch the video, whole or in ranges, or the zip file; ``download=1`` to save it under its name."""
        job = jobs.find(client, id)
        if job.status != "done":
            raise ApiError("service.job_not_done", status=job.status)
        try:
            path = jobs.storage.local(f"{job.folder}/{RESULT}")
        except FileNotFoundError:
            raise ApiError("service.not_found", thing="job") from None
        suffix = job.name.rpartition(".")[2]
        disposition = attachment_header(job.name)
        if suffix != "zip" and not download:
            disposition = disposition.replace("attachment", "inline", 1)
        headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-cache"}
        headers |= {"X-Photochrom-Notes": str(len(job.notes)), "X-Photochrom-Left-Out": str(len(job.left_out))}
        return FileResponse(path, media_type=_MEDIA.get(suffix, "application/octet-stream"), headers=headers)

    return routes


def _describe(request: Request, job: Job) -> JobInfo:
    return locate_job(job.to_info(), absolute_url(request, "").rstrip("/"))


async def _take(
    service: Service, jobs: JobRepository, client: str, kind: Literal["video", "batch"], request: Request
) -> Job:
    job = await run_in_threadpool(jobs.create, client, kind)
    try:
        return await (_take_video if kind == "video" else _take_batch)(service, jobs, job, request)
    except BaseException:
        await run_in_threadpool(jobs.drop, job)
        raise


async def _take_video(service: Service, jobs: JobRepository, job: Job, request: Request) -> Job:
    # an upload can be as long as a video: what can be refused is refused before it comes
    async with request.form(max_files=1, max_fields=6, max_part_size=1_000_000) as form:
        file, container = form.get("file"), str(form.get("container") or SUFFIXES[0]).lower()
        options_text = read_form_field(form, "options")
        if unknown_fields := set(form) - {"file", "container", "codec", "webhook", *form_names("options")}:
            raise ApiError("service.unknown_field", field=min(unknown_fields))
        if not isinstance(file, UploadFile):
            raise ApiError("service.file_missing")
        if container not in SUFFIXES:
            raise ApiError("service.unknown_container", container=container, containers=", ".join(SUFFIXES))
        options = service.restrict(job.client, parse_options(options_text))
        codec = str(form.get("codec") or "") or None
        _check_order(service, job, order := VideoOrder(options=options, codec=codec), container)
        webhook = _parse_webhook(form.get("webhook"))
        job = _want_webhook(service, job, webhook)

        def write() -> None:
            _store_webhook(jobs, job, webhook, request)
            jobs.storage.write(f"{job.folder}/{VIDEO}", file.file)
            jobs.storage.write(f"{job.folder}/{ORDER}", order.model_dump_json().encode())
            check_video(jobs.storage.local(f"{job.folder}/{VIDEO}"), service.limits)

        stem = clean_name(file.filename, "video").rpartition(".")
        name = f"{stem[0] or stem[2]}.color.{container}"
        return await _submit(service, jobs, job, write, name=name, size=file.size or 0)


async def _take_batch(service: Service, jobs: JobRepository, job: Job, request: Request) -> Job:
    body = await request.body()
    try:
        if _names_video(body):
            return await _take_stored_video(service, jobs, job, VideoRequest.model_validate_json(body), request)
        asked = BatchRequest.model_validate_json(body)
    except ValidationError as error:
        raise validation_error(error.errors()) from None
    limit = service.limits_of(job.client).photos
    if len(asked.photos) > limit:
        raise ApiError("service.batch_too_large", limit=limit)
    if service.keys.models_of(job.client):
        chosen = {id_: asked.options.get(id_, ColorizeOptions()) for id_ in asked.photos}
        chosen = {id_: service.restrict(job.client, options) for id_, options in chosen.items()}
        asked = asked.model_copy(update={"options": chosen})

    job = _want_webhook(service, job, asked.webhook)

    def write() -> None:
        _store_webhook(jobs, job, asked.webhook, request)
        for options in asked.options.values():
            service.colorize_service.check_model(options.model)
        for id_ in asked.photos:
            service.photos.find(job.client, id_)
        jobs.storage.write(f"{job.folder}/{ORDER}", asked.model_dump_json().encode())

    return await _submit(service, jobs, job, write, name="photos.color.zip")


def _names_video(body: bytes) -> bool:
    try:
        return "video" in json.loads(body)
    except (ValueError, TypeError):
        return False


async def _take_stored_video(
    service: Service, jobs: JobRepository, job: Job, asked: VideoRequest, request: Request
) -> Job:
    video = await run_in_threadpool(service.videos.find, job.client, asked.video)
    order = VideoOrder(
        options=service.restrict(job.client, asked.options),
        hints=asked.hints,
        references=asked.references,
        codec=asked.codec,
    )
    _check_order(service, job, order, asked.container)
    for hint in order.hints:
        if hint.x > video.width or hint.y > video.height:
            raise ApiError("service.hint_outside", x=hint.x, y=hint.y, width=video.width, height=video.height)
    job = replace(_want_webhook(service, job, asked.webhook), type="video", video=video.id)

    def write() -> None:
        _store_webhook(jobs, job, asked.webhook, request)
        jobs.storage.write(f"{job.folder}/{ORDER}", order.model_dump_json().encode())

    name = f"{video.name.rpartition('.')[0] or video.name}.color.{asked.container}"
    return await _submit(service, jobs, job, write, name=name)


def _check_order(service: Service, job: Job, order: VideoOrder, container: str) -> None:
    """Refuses what a worker could not do."""
    check_video_options(order.options)
    check_codec(order.codec, container)
    if len(order.hints) > service.limits.hints:
        raise ApiError("service.too_many_hints", count=len(order.hints), limit=service.limits.hints)
    service.colorize_service.check_model(order.options.model)
    for id_ in (*(each.photo for each in order.references), order.options.reference):
        if id_ is not None:
            service.photos.find(job.client, id_)


def _parse_webhook(text: object) -> WebhookOption | None:
    try:
        return WebhookOption.model_validate_json(text) if isinstance(text, str) else None
    except ValidationError as error:
        raise validation_error(error.errors()) from None


def _want_webhook(service: Service, job: Job, webhook: WebhookOption | None) -> Job:
    if webhook is None:
        return job
    service.webhook_hosts.check(webhook.url)
    return replace(job, webhook="waiting")


def _store_webhook(jobs: JobRepository, job: Job, webhook: WebhookOption | None, request: Request) -> None:
    if webhook is not None:
        known = webhook.model_dump() | {"base": absolute_url(request, "").rstrip("/")}
        jobs.storage.write_json(f"{job.folder}/{WEBHOOK}", known)


async def _submit(
    service: Service, jobs: JobRepository, job: Job, write: Callable[[], None], *, name: str, size: int = 1
) -> Job:
    job = replace(job, name=name)

    def work() -> None:
        service.check_space(size)
        write()
        jobs.submit(job)

    await service.admission.run(work, pixels=0)
    return job


async def _follow(jobs: JobRepository, client: str, id_: str, request: Request) -> AsyncIterator[str]:
    last, silent = "", 0.0
    while not ENDING.is_set():
        try:
            job = await run_in_threadpool(jobs.find, client, id_)
        except ApiError:
            # deleted meanwhile
            return
        info = _describe(request, job).model_dump_json()
        if info != last:
            last, silent = info, 0.0
            yield f"event: progress\ndata: {info}\n\n"
        if job.is_final:
            return
        await asyncio.sleep(_LOOK)
        silent += _LOOK
        if silent >= _SIGN:
            silent = 0.0
            yield ": still here\n\n"
    yield f"event: shutdown\nretry: {_AGAIN}\ndata: {{}}\n\n"
