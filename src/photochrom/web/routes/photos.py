"""Photos: put here, looked at, coloured, asked about, deleted."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Path, Query, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool

from photochrom.web.colorize_service import encode_preview
from photochrom.web.middleware.client_identity import client_of
from photochrom.web.schemas import ColoringAsked, PhotoFacts, Photos
from photochrom.web.services import Service, staged
from photochrom.web.storage.downloads import result_headers, save_result

__all__ = ["PICTURE", "Client", "Id", "photo_routes"]

Client = Annotated[str, Depends(client_of)]
Id = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{22,64}$")]
PICTURE: dict[int | str, Any] = {200: {"content": {"image/*": {}}, "description": "the picture"}}


def photo_routes(service: Service) -> APIRouter:
    """The routes under ``/photos``."""
    routes, album, bench = APIRouter(prefix="/photos", tags=["photos"]), service.album, service.bench

    @routes.post("", status_code=201)
    async def add(client: Client, file: Annotated[UploadFile, File()], response: Response) -> PhotoFacts:
        """Put a photo here. Its content decides what it is."""
        await run_in_threadpool(album.check_room, client)
        await run_in_threadpool(service.check_space)
        async with staged(file) as path:
            pixels = await run_in_threadpool(service.weigh, path)
            photo = await bench.run(lambda: album.add(client, path, file.filename or ""), pixels=pixels)
        response.headers["Location"] = f"photos/{photo.id}"
        return photo.facts()

    @routes.get("")
    def list_all(client: Client) -> Photos:
        """The client's photos."""
        return Photos(photos=[photo.facts() for photo in album.list(client)])

    @routes.get("/{id}")
    def describe(client: Client, id: Id) -> PhotoFacts:  # noqa: A002
        """What is known of a photo."""
        return album.find(client, id).facts()

    @routes.delete("/{id}", status_code=204)
    def remove(client: Client, id: Id) -> None:  # noqa: A002
        """Delete a photo now."""
        album.remove(client, id)

    @routes.get("/{id}/preview", responses=PICTURE, response_class=Response)
    async def preview(
        request: Request,
        client: Client,
        id: Id,  # noqa: A002
        side: Annotated[int, Query(ge=16, le=16384)] = 1280,
    ) -> Response:
        """The photo as it came, upright, small."""
        photo = await run_in_threadpool(album.find, client, id)

        def work() -> tuple[bytes, str]:
            return encode_preview(album.small(client, id, side))

        data, kind = await bench.run(work, pixels=photo.pixels, gone=request.is_disconnected)
        return Response(data, media_type=kind, headers={"Cache-Control": "private, max-age=600"})

    @routes.post("/{id}/colorize", responses=PICTURE, response_class=Response)
    async def colorize(request: Request, client: Client, id: Id, asked: ColoringAsked) -> Response:  # noqa: A002
        """Colour a photo: a preview, or the file with everything it came with."""
        photo = await run_in_threadpool(album.find, client, id)
        side = asked.side if asked.output == "preview" else None
        order = await service.order(client, photo, asked.settings, side)

        def show() -> Response:
            result = service.painter.paint(order.decode())
            data, kind = encode_preview(result.picture)
            return Response(data, media_type=kind, headers=result_headers(result))

        def save() -> Response:
            result = service.painter.paint(order.decode())
            return save_result(result, photo.name, asked.format)

        return await bench.run(show if side else save, pixels=order.pixels, gone=request.is_disconnected)

    return routes
