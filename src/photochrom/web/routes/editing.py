"""Routes that help to steer a photo's colours: confidence, suggestions at a point, variations, project files."""

from typing import Annotated

from fastapi import APIRouter, File, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool

from photochrom.web.colorize_service import data_url, encode_jpeg, encode_png, list_suggestions
from photochrom.web.routes.photos import IMAGE, Client, Id
from photochrom.web.schemas.photos import (
    ConfidenceRequest,
    ProjectRequest,
    ProjectResponse,
    SuggestionsRequest,
    SuggestionsResponse,
    VariationInfo,
    VariationsRequest,
    VariationsResponse,
)
from photochrom.web.services import Service
from photochrom.web.storage.downloads import attachment_header
from photochrom.web.storage.projects import make_project, open_project

__all__ = ["editing_routes"]

#: of a project file, bytes
_LARGEST_PROJECT = 4_000_000


def editing_routes(service: Service) -> APIRouter:
    """Returns more routes under ``/photos/{id}``."""
    routes, photos, admission = APIRouter(prefix="/photos/{id}", tags=["photos"]), service.photos, service.admission

    @routes.post("/confidence", responses=IMAGE, response_class=Response)
    async def draw_confidence(request: Request, client: Client, id: Id, asked: ConfidenceRequest) -> Response:  # noqa: A002
        """Draw the network's confidence over the photo in gray; PNG."""
        photo = await run_in_threadpool(photos.find, client, id)
        task = await service.prepare(client, photo, asked.options, asked.max_size)

        def work() -> bytes:
            return encode_png(service.colorize_service.draw_confidence(task.decode(), asked.max_size))

        data = await admission.run(work, pixels=task.pixels, gone=request.is_disconnected)
        return Response(data, media_type="image/png")

    @routes.post("/suggestions")
    async def suggest_colors(
        request: Request,
        client: Client,
        id: Id,  # noqa: A002
        asked: SuggestionsRequest,
    ) -> SuggestionsResponse:
        """Suggest the most likely clearly distinct colours at a point."""
        photo = await run_in_threadpool(photos.find, client, id)
        task = await service.prepare(client, photo, asked.options)

        def work() -> SuggestionsResponse:
            return list_suggestions(
                service.colorize_service.suggest_colors(task.decode(), asked.x, asked.y, asked.count)
            )

        return await admission.run(work, pixels=task.pixels, gone=request.is_disconnected)

    @routes.post("/variations")
    async def make_variations(
        request: Request,
        client: Client,
        id: Id,  # noqa: A002
        asked: VariationsRequest,
    ) -> VariationsResponse:
        """Show other colourings that the network thinks possible, small."""
        photo = await run_in_threadpool(photos.find, client, id)
        task = await service.prepare(client, photo, asked.options, asked.max_size)

        def work() -> VariationsResponse:
            results = service.colorize_service.make_variations(task.decode(), asked.count, asked.seed)
            return VariationsResponse(
                variations=[
                    VariationInfo(seed=asked.seed, index=index, image=data_url(encode_jpeg(result.picture)))
                    for index, result in enumerate(results)
                ]
            )

        return await admission.run(work, pixels=task.pixels, gone=request.is_disconnected)

    @routes.post("/projects/export", responses={200: {"content": {"application/json": {}}}}, response_class=Response)
    async def export_project(client: Client, id: Id, asked: ProjectRequest) -> Response:  # noqa: A002
        """Make a project file of the options, which ``photochrom colorize`` reads too."""
        photo = await run_in_threadpool(photos.find, client, id)
        task = await service.prepare(client, photo, asked.options)
        text = await run_in_threadpool(make_project, service.colorize_service, task)
        name = f"{photo.name.rpartition('.')[0] or photo.name}.photochrom.json"
        headers = {"Content-Disposition": attachment_header(name)}
        return Response(text, media_type="application/json", headers=headers)

    @routes.post("/projects/import")
    async def import_project(client: Client, id: Id, project: Annotated[UploadFile, File()]) -> ProjectResponse:  # noqa: A002
        """Read the options of a project file of this photo; 409 where it is of another."""
        photo = await run_in_threadpool(photos.find, client, id)
        data = await project.read(_LARGEST_PROJECT + 1)
        others = await run_in_threadpool(photos.list, client)
        options = await run_in_threadpool(open_project, service.colorize_service, data, photo, others)
        return ProjectResponse(options=options)

    return routes
