"""Jobs: films and batches of photos, taken, followed, ended, and their results fetched."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from photochrom.web.errors import ApiError, describe, refusal_of, unknown
from photochrom.web.jobs.repository import FILM, ORDER, RESULT, Job, Jobs
from photochrom.web.jobs.video_upload import SUFFIXES, check_film, check_film_settings
from photochrom.web.routes.photos import Client, Id
from photochrom.web.schemas import BatchAsked, JobFacts
from photochrom.web.schemas import Jobs as JobList
from photochrom.web.services import Service, parse_settings
from photochrom.web.storage.downloads import attachment
from photochrom.web.storage.photos import plain_name

__all__ = ["job_routes"]

#: seconds between looks at a job that is followed, and between signs of life
_LOOK, _SIGN = 0.4, 15.0
_MEDIA = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "mkv": "video/x-matroska",
    "webm": "video/webm",
    "avi": "video/x-msvideo",
    "zip": "application/zip",
}
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "a film; its content decides what it is"},
        "settings": {"type": "string", "description": "Settings as JSON: model, vividness, strength, size"},
        "container": {"type": "string", "enum": list(SUFFIXES), "default": "mp4"},
    },
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _FORM},
            "application/json": {"schema": BatchAsked.model_json_schema(ref_template="#/components/schemas/{model}")},
        },
    }
}


def job_routes(service: Service, jobs: Jobs) -> APIRouter:
    """The routes under ``/jobs``."""
    routes = APIRouter(prefix="/jobs", tags=["jobs"])

    @routes.post("", status_code=202, response_model=JobFacts, openapi_extra=_BODY)
    async def begin(request: Request, client: Client) -> Response:
        """Colour a film (multipart), or several photos into a zip file (JSON)."""
        await run_in_threadpool(jobs.check_room, client)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "multipart/form-data":
            job = await _take_film(service, jobs, client, request)
        elif kind == "application/json":
            job = await _take_photos(service, jobs, client, await request.body())
        else:
            raise ApiError(415, "bad_type", "a job is a form with a film, or JSON with photos: see openapi.json")
        return JSONResponse(job.facts().model_dump(), 202, {"Location": f"jobs/{job.id}"})

    @routes.get("")
    def list_all(client: Client) -> JobList:
        """The client's jobs."""
        return JobList(jobs=[job.facts() for job in jobs.list(client)])

    @routes.get("/{id}")
    def describe_one(client: Client, id: Id) -> JobFacts:  # noqa: A002
        """How a job stands."""
        return jobs.find(client, id).facts()

    @routes.get("/{id}/events", response_class=Response, responses={200: {"content": {"text/event-stream": {}}}})
    async def events(client: Client, id: Id) -> Response:  # noqa: A002
        """How a job stands, whenever that changes, as server-sent events called ``progress``; ends with the job."""
        await run_in_threadpool(jobs.find, client, id)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_follow(jobs, client, id), media_type="text/event-stream", headers=headers)

    @routes.post("/{id}/cancel")
    def cancel(client: Client, id: Id) -> JobFacts:  # noqa: A002
        """End a job; what it has made is not kept."""
        return jobs.cancel(client, id).facts()

    @routes.delete("/{id}", status_code=204)
    def remove(client: Client, id: Id) -> None:  # noqa: A002
        """End a job and delete all of it."""
        jobs.remove(client, id)

    @routes.get("/{id}/result", response_class=Response, responses={200: {"content": {"video/*": {}}}})
    def result(
        client: Client,
        id: Annotated[str, Path(pattern="^[A-Za-z0-9_-]{22,64}$")],  # noqa: A002
        download: bool = False,
    ) -> Response:
        """The film, of which parts can be asked for, or the zip file; ``download=1`` to save it under its name."""
        job = jobs.find(client, id)
        if job.status != "done":
            raise ApiError(409, "not_done", f"the job is {job.status}: wait until it is done")
        try:
            path = jobs.store.local(f"{job.folder}/{RESULT}")
        except FileNotFoundError:
            raise unknown("job") from None
        kind = job.name.rpartition(".")[2]
        place = attachment(job.name)
        if kind != "zip" and not download:
            place = place.replace("attachment", "inline", 1)
        headers = {"Content-Disposition": place, "Cache-Control": "private, no-cache"}
        return FileResponse(path, media_type=_MEDIA.get(kind, "application/octet-stream"), headers=headers)

    return routes


async def _take_film(service: Service, jobs: Jobs, client: str, request: Request) -> Job:
    # an upload can be as long as a film: it is refused before it comes, where it will be
    async with request.form(max_files=1, max_fields=4, max_part_size=1_000_000) as form:
        file, container = form.get("file"), form.get("container") or SUFFIXES[0]
        if unknown_fields := set(form) - {"file", "settings", "container"}:
            raise ApiError(422, "bad_request", f"{sorted(unknown_fields)[0]!r} is no field of this form: leave it out")
        if not isinstance(file, UploadFile):
            raise ApiError(422, "bad_request", "the form has no file: send a film as 'file'")
        if container not in SUFFIXES:
            raise ApiError(422, "bad_setting", f"the container is none of {', '.join(SUFFIXES)}: choose one of them")
        given = form.get("settings")
        settings = parse_settings(given if isinstance(given, str) else None)
        check_film_settings(settings)
        service.painter.check_model(settings.model)
        job = jobs.begin(client, "film")

        def store() -> None:
            jobs.store.write(f"{job.folder}/{FILM}", file.file)
            jobs.store.write(f"{job.folder}/{ORDER}", settings.model_dump_json().encode())
            try:
                check_film(jobs.store.local(f"{job.folder}/{FILM}"), service.limits)
            except Exception as error:
                # where the film lies is not told
                raise refusal_of(error, folder=jobs.store.folder(job.folder)) or error from error

        stem = plain_name(file.filename, "film").rpartition(".")
        return await _submit(service, jobs, job, store, name=f"{stem[0] or stem[2]}.color.{container}")


async def _take_photos(service: Service, jobs: Jobs, client: str, body: bytes) -> Job:
    try:
        asked = BatchAsked.model_validate_json(body)
    except ValidationError as error:
        raise ApiError(422, "bad_request", describe(list(error.errors()))) from None
    if len(asked.photos) > service.limits.photos:
        raise ApiError(422, "too_many_photos", f"a job takes {service.limits.photos} photos at most: send several jobs")
    job = jobs.begin(client, "photos")

    def store() -> None:
        for settings in asked.settings.values():
            service.painter.check_model(settings.model)
        for id_ in asked.photos:
            service.album.find(client, id_)
        jobs.store.write(f"{job.folder}/{ORDER}", asked.model_dump_json().encode())

    return await _submit(service, jobs, job, store, name="photos.color.zip")


async def _submit(service: Service, jobs: Jobs, job: Job, store: Callable[[], None], *, name: str) -> Job:
    job = replace(job, name=name)

    def work() -> None:
        service.check_space()
        try:
            store()
            jobs.submit(job)
        except BaseException:
            jobs.store.remove(job.folder)
            raise

    await service.bench.run(work, pixels=0)
    return job


async def _follow(jobs: Jobs, client: str, id_: str) -> AsyncIterator[str]:
    told, silent = "", 0.0
    while True:
        try:
            job = await run_in_threadpool(jobs.find, client, id_)
        except ApiError:
            # deleted meanwhile
            return
        word = job.facts().model_dump_json()
        if word != told:
            told, silent = word, 0.0
            yield f"event: progress\ndata: {word}\n\n"
        if job.is_final:
            return
        await asyncio.sleep(_LOOK)
        silent += _LOOK
        if silent >= _SIGN:
            silent = 0.0
            yield ": still here\n\n"
