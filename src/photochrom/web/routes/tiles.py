"""Routes for tiles: a photo in its colours at its own size, for viewers that zoom."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from photochrom.web.middleware.addresses import absolute_url
from photochrom.web.routes.photos import IMAGE, Client, Id
from photochrom.web.schemas.photos import TilesInfo, TilesRequest
from photochrom.web.services import Service
from photochrom.web.storage.tiles import SIZE, TileStore

__all__ = ["tile_routes"]

Number = Annotated[int, Path(ge=0, le=100_000)]
#: a set's tiles never change; a photo that is deleted takes them along, so nobody else may keep them
_CACHED = "private, max-age=3600, immutable"


def tile_routes(service: Service) -> APIRouter:
    """Returns the routes under ``/photos/{id}/tiles``."""
    routes, photos, admission = (
        APIRouter(prefix="/photos/{id}/tiles", tags=["photos"]),
        service.photos,
        service.admission,
    )
    # half as much as decoded photos may have: mostly it is the same pixels
    tiles = TileStore(service.storage, photos, service.colorize_service, service.limits.cache_bytes // 2)

    @routes.post("", status_code=201)
    async def create_tiles(request: Request, client: Client, id: Id, asked: TilesRequest) -> TilesInfo:  # noqa: A002
        """Get a photo ready to be looked at in its own pixels; the same options have the same tiles."""
        photo = await run_in_threadpool(photos.find, client, id)
        task = await service.prepare(client, photo, asked.options)
        set_id = await run_in_threadpool(tiles.add, task)
        return TilesInfo(
            id=set_id,
            width=photo.width,
            height=photo.height,
            tile_size=SIZE,
            columns=-(-photo.width // SIZE),
            rows=-(-photo.height // SIZE),
            url=absolute_url(request, f"photos/{id}/tiles/{set_id}/") + "{column}/{row}",
        )

    @routes.get("/{set_id}/{column}/{row}", responses=IMAGE, response_class=Response)
    async def get_tile(
        request: Request,
        client: Client,
        id: Id,  # noqa: A002
        set_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$")],
        column: Number,
        row: Number,
        original: Annotated[bool, Query(description="the photo as it came, instead of its colours")] = False,
    ) -> Response:
        """Show a square of a photo at its own size, in its colours; JPEG, or WebP where something is transparent."""
        photo = await run_in_threadpool(photos.find, client, id)
        task = await service.prepare(client, photo, await run_in_threadpool(tiles.options, client, photo, set_id))

        def work() -> tuple[bytes, str]:
            return tiles.draw(task, set_id, column, row, original=original)

        data, media_type = await admission.run(work, pixels=task.pixels, gone=request.is_disconnected)
        return Response(data, media_type=media_type, headers={"Cache-Control": _CACHED})

    return routes
