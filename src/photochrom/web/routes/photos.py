"""Routes for photos: stored, looked at, coloured, deleted."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Path, Query, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool

from photochrom.web.colorize_service import encode_preview
from photochrom.web.middleware.addresses import absolute_url
from photochrom.web.middleware.client_identity import identify_client
from photochrom.web.schemas.photos import ColorizeRequest, PhotoInfo, PhotosResponse
from photochrom.web.services import Service, stage_upload
from photochrom.web.storage.downloads import result_headers, save_result
from photochrom.web.storage.idempotency import IdempotencyKey, Once
from photochrom.web.storage.photos import Photo

__all__ = ["IMAGE", "Client", "Id", "photo_routes"]

Client = Annotated[str, Depends(identify_client)]
Id = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{22,64}$")]
IMAGE: dict[int | str, Any] = {200: {"content": {"image/*": {}}, "description": "the image"}}


def photo_routes(service: Service) -> APIRouter:
    """Returns the routes under ``/photos``."""
    routes, photos, admission = APIRouter(prefix="/photos", tags=["photos"]), service.photos, service.admission

    @routes.post("", status_code=201)
    async def create_photo(
        request: Request,
        client: Client,
        file: Annotated[UploadFile, File()],
        response: Response,
        salvage: Annotated[
            bool, Form(description="take what is there of a photo that is cut short or damaged")
        ] = False,
        idempotency_key: IdempotencyKey = None,
    ) -> PhotoInfo:
        """Store a photo. Its content decides its format."""
        once = Once(service.storage, client, idempotency_key, "photo", service.limits.upload_seconds)
        known = await run_in_threadpool(once.begin)
        try:
            if known is not None:
                photo = await run_in_threadpool(photos.find, client, known)
            else:
                photo = await _store(service, client, file, salvage)
                await run_in_threadpool(once.done, photo.id)
        except BaseException:
            await run_in_threadpool(once.drop)
            raise
        response.headers["Location"] = absolute_url(request, f"photos/{photo.id}")
        return photo.to_info()

    @routes.get("")
    def list_photos(client: Client) -> PhotosResponse:
        """List the client's photos."""
        return PhotosResponse(photos=[photo.to_info() for photo in photos.list(client)])

    @routes.get("/{id}")
    def get_photo(client: Client, id: Id) -> PhotoInfo:  # noqa: A002
        """Describe a photo."""
        return photos.find(client, id).to_info()

    @routes.delete("/{id}", status_code=204)
    def delete_photo(client: Client, id: Id) -> None:  # noqa: A002
        """Delete a photo now."""
        photos.remove(client, id)

    @routes.get("/{id}/preview", responses=IMAGE, response_class=Response)
    async def get_preview(
        request: Request,
        client: Client,
        id: Id,  # noqa: A002
        max_size: Annotated[int, Query(ge=16, le=16384)] = 1280,
    ) -> Response:
        """Show the photo as it came, upright and small."""
        photo = await run_in_threadpool(photos.find, client, id)

        def work() -> tuple[bytes, str]:
            return encode_preview(photos.small(client, id, max_size))

        data, media_type = await admission.run(work, pixels=photo.pixels, gone=request.is_disconnected)
        return Response(data, media_type=media_type, headers={"Cache-Control": "private, max-age=600"})

    @routes.post("/{id}/colorize", responses=IMAGE, response_class=Response)
    async def colorize_photo(request: Request, client: Client, id: Id, asked: ColorizeRequest) -> Response:  # noqa: A002
        """Colour a photo: a preview, or the file with everything it came with."""
        photo = await run_in_threadpool(photos.find, client, id)
        max_size = asked.max_size if asked.output == "preview" else None
        task = await service.prepare(client, photo, asked.options, max_size)

        def show() -> Response:
            result = service.colorize_service.colorize(task.decode())
            data, media_type = encode_preview(result.picture)
            return Response(data, media_type=media_type, headers=result_headers(result))

        def save() -> Response:
            result = service.colorize_service.colorize(task.decode())
            original = photos.path(client, id)
            return save_result(
                result, photo.name, asked.format, original=original, options=asked.options, quality=asked.quality
            )

        return await admission.run(show if max_size else save, pixels=task.pixels, gone=request.is_disconnected)

    return routes


async def _store(service: Service, client: str, file: UploadFile, salvage: bool) -> Photo:
    photos = service.photos
    await run_in_threadpool(photos.check_quota, client)
    await run_in_threadpool(service.check_space, file.size or 1)
    async with stage_upload(file) as path:
        pixels = await run_in_threadpool(service.estimate_pixels, path)

        def add() -> Photo:
            return photos.add(client, path, file.filename or "", salvage=salvage)

        return await service.admission.run(add, pixels=pixels)
