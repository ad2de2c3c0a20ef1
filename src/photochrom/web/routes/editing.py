"""What helps to steer a photo's colours: confidence, suggestions at a point, alternatives, and the project file."""

from typing import Annotated

from fastapi import APIRouter, File, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool

from photochrom.web.colorize_service import data_url, encode_jpeg, encode_png
from photochrom.web.routes.photos import PICTURE, Client, Id
from photochrom.web.schemas import (
    AlternativeMade,
    AlternativesAsked,
    AlternativesMade,
    ConfidenceAsked,
    ProjectAsked,
    ProjectOpened,
    SuggestionMade,
    SuggestionsAsked,
    SuggestionsMade,
)
from photochrom.web.services import Service
from photochrom.web.storage.downloads import attachment
from photochrom.web.storage.projects import make_project, open_project

__all__ = ["steering_routes"]

#: of a project file, bytes
_LARGEST_PROJECT = 4_000_000


def steering_routes(service: Service) -> APIRouter:
    """More routes under ``/photos/{id}``."""
    routes, album, bench = APIRouter(prefix="/photos/{id}", tags=["photos"]), service.album, service.bench

    @routes.post("/confidence", responses=PICTURE, response_class=Response)
    async def confidence(request: Request, client: Client, id: Id, asked: ConfidenceAsked) -> Response:  # noqa: A002
        """How sure the network is, drawn over the photo in gray; PNG."""
        photo = await run_in_threadpool(album.find, client, id)
        order = await service.order(client, photo, asked.settings, asked.side)

        def work() -> bytes:
            return encode_png(service.painter.draw_confidence(order.decode(), asked.side))

        data = await bench.run(work, pixels=order.pixels, gone=request.is_disconnected)
        return Response(data, media_type="image/png")

    @routes.post("/suggestions")
    async def suggestions(
        request: Request,
        client: Client,
        id: Id,  # noqa: A002
        asked: SuggestionsAsked,
    ) -> SuggestionsMade:
        """The most likely clearly distinct colours at a point."""
        photo = await run_in_threadpool(album.find, client, id)
        order = await service.order(client, photo, asked.settings)

        def work() -> SuggestionsMade:
            found = service.painter.suggest(order.decode(), asked.x, asked.y, asked.k)
            made = [SuggestionMade(color=each.color, probability=round(each.probability, 4)) for each in found]
            return SuggestionsMade(suggestions=made)

        return await bench.run(work, pixels=order.pixels, gone=request.is_disconnected)

    @routes.post("/alternatives")
    async def alternatives(
        request: Request,
        client: Client,
        id: Id,  # noqa: A002
        asked: AlternativesAsked,
    ) -> AlternativesMade:
        """Other colourings that the network thinks possible, small."""
        photo = await run_in_threadpool(album.find, client, id)
        order = await service.order(client, photo, asked.settings, asked.side)

        def work() -> AlternativesMade:
            results = service.painter.alternatives(order.decode(), asked.n, asked.seed)
            made = [
                AlternativeMade(seed=asked.seed, index=index, image=data_url(encode_jpeg(result.picture)))
                for index, result in enumerate(results)
            ]
            return AlternativesMade(alternatives=made)

        return await bench.run(work, pixels=order.pixels, gone=request.is_disconnected)

    @routes.post("/project", responses={200: {"content": {"application/json": {}}}}, response_class=Response)
    async def project(client: Client, id: Id, asked: ProjectAsked) -> Response:  # noqa: A002
        """The settings as a project file, which  photochrom colorize  understands too."""
        photo = await run_in_threadpool(album.find, client, id)
        order = await service.order(client, photo, asked.settings)
        text = await run_in_threadpool(make_project, service.painter, order)
        name = f"{photo.name.rpartition('.')[0] or photo.name}.photochrom.json"
        headers = {"Content-Disposition": attachment(name)}
        return Response(text, media_type="application/json", headers=headers)

    @routes.post("/open")
    async def open_(client: Client, id: Id, project: Annotated[UploadFile, File()]) -> ProjectOpened:  # noqa: A002
        """The settings of a project file of this photo; 409 where it is of another."""
        photo = await run_in_threadpool(album.find, client, id)
        data = await project.read(_LARGEST_PROJECT + 1)
        photos = await run_in_threadpool(album.list, client)
        return ProjectOpened(settings=await run_in_threadpool(open_project, service.painter, data, photo, photos))

    return routes
