"""One call: a photo in, the photo in colour out; nothing is kept."""

import base64
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Header, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from photochrom.colorizer import Result
from photochrom.image_io.write import known_format
from photochrom.web.colorize_service import Order
from photochrom.web.errors import ApiError
from photochrom.web.services import Service, parse_settings, staged
from photochrom.web.storage.downloads import media_type, save_result
from photochrom.web.storage.photos import plain_name, read_photo

__all__ = ["colorize_route"]

Format = Literal["JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF", "AVIF", "HEIF", "jpeg", "jpg", "png", "tiff", "webp"]


def colorize_route(service: Service) -> APIRouter:
    """``POST /colorize``."""
    routes = APIRouter(tags=["one call"])

    @routes.post(
        "/colorize",
        response_class=Response,
        responses={200: {"content": {"image/*": {}, "application/json": {}}, "description": "the photo in colour"}},
    )
    async def colorize(
        request: Request,
        file: Annotated[UploadFile, File(description="a photo; its content decides what it is")],
        settings: Annotated[str | None, Form(description="Settings as JSON")] = None,
        output: Annotated[Format | None, Form(description="a format; the source's own where none is given")] = None,
        accept: Annotated[str, Header()] = "*/*",
    ) -> Response:
        """Colour a photo: the same format and metadata back, or JSON where ``Accept: application/json`` asks for it."""
        wanted = parse_settings(settings)
        if wanted.reference is not None:
            raise ApiError(422, "bad_setting", "a reference is a photo that is here already: put both at /photos first")
        async with staged(file) as path:
            pixels = await run_in_threadpool(service.weigh, path)

            def work() -> Response:
                result = service.painter.paint(Order(read_photo(path, service.limits), wanted))
                if "application/json" in accept:
                    return JSONResponse(_facts(result, output))
                return save_result(result, plain_name(file.filename), output)

            return await service.bench.run(work, pixels=pixels, gone=request.is_disconnected)

    return routes


def _facts(result: Result, output: str | None) -> dict[str, Any]:
    chosen = known_format(output or result.picture.format)
    page = result.picture.pages[0]
    with TemporaryDirectory(prefix="photochrom-") as folder:
        data = result.save(Path(folder) / "result", format=chosen).read_bytes()
    return {
        "image": base64.b64encode(data).decode(),
        "media_type": media_type(chosen),
        "width": page.width,
        "height": page.height,
        "pages": len(result.picture.pages),
        "confidence": result.confidence,
        "model": result.model,
        "seconds": round(result.seconds, 4),
    }
