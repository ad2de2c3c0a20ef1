"""The route that colours a photo in one call and keeps nothing."""

import base64
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Header, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from photochrom.colorizer import Result
from photochrom.image_io.write import parse_format
from photochrom.web.colorize_service import ColorizeTask
from photochrom.web.deprecated_names import read_form_field
from photochrom.web.errors import ApiError
from photochrom.web.middleware.client_identity import client_of
from photochrom.web.schemas.base import Format
from photochrom.web.schemas.options import ColorizeOptions
from photochrom.web.services import Service, parse_options, stage_upload
from photochrom.web.storage.downloads import apply_quality, colored_name, media_type, save_result
from photochrom.web.storage.photos import clean_name, read_photo
from photochrom.web.storage.signing import save_signed

__all__ = ["colorize_route"]


def colorize_route(service: Service) -> APIRouter:
    """Returns the route ``POST /colorize``."""
    routes = APIRouter(tags=["one call"])

    @routes.post(
        "/colorize",
        response_class=Response,
        responses={200: {"content": {"image/*": {}, "application/json": {}}, "description": "the photo in colour"}},
    )
    async def colorize(
        request: Request,
        file: Annotated[UploadFile, File(description="a photo; its content decides what it is")],
        options: Annotated[str | None, Form(description="ColorizeOptions as JSON")] = None,
        output: Annotated[Format | None, Form(description="a format; the source's own where none is given")] = None,
        quality: Annotated[int | None, Form(ge=1, le=100, description="of a JPEG, WEBP, AVIF or HEIF")] = None,
        accept: Annotated[str, Header()] = "*/*",
    ) -> Response:
        """Colour a photo: the same format and metadata back, or JSON where ``Accept: application/json`` asks for it."""
        given = parse_options(options or read_form_field(await request.form(), "options"))
        chosen = service.restrict(client_of(request), given)
        if chosen.reference is not None:
            raise ApiError("service.reference_not_stored")
        async with stage_upload(file) as path:
            pixels = await run_in_threadpool(service.estimate_pixels, path)

            def work() -> Response:
                name = clean_name(file.filename)
                picture = read_photo(path, service.limits, salvage=chosen.salvage, name=name)
                result = service.colorize_service.colorize(ColorizeTask(picture, chosen))
                result = apply_quality(result, parse_format(output or result.picture.format), quality)
                if "application/json" in accept:
                    return JSONResponse(_describe(result, output, name=name, original=path, options=chosen))
                return save_result(result, name, output, original=path, options=chosen)

            return await service.admission.run(work, pixels=pixels, gone=request.is_disconnected)

    return routes


def _describe(
    result: Result, output: str | None, *, name: str, original: Path, options: ColorizeOptions
) -> dict[str, Any]:
    chosen = parse_format(output or result.picture.format)
    page = result.picture.pages[0]
    with TemporaryDirectory(prefix="photochrom-") as folder:
        path = Path(folder) / "result"
        title = colored_name(name, chosen, source=result.picture.format)
        save_signed(result, path, chosen, title=title, original=original, name=name, options=options)
        data = path.read_bytes()
    return {
        "image": base64.b64encode(data).decode(),
        "media_type": media_type(chosen),
        "width": page.width,
        "height": page.height,
        "pages": len(result.picture.pages),
        "confidence": result.confidence,
        "notes": result.picture.notes,
        "model": result.model,
        "seconds": round(result.seconds, 4),
    }
