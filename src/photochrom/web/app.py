"""The application: routes, and what stands around them."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse
from starlette.staticfiles import PathLike
from starlette.types import ASGIApp, Scope

from photochrom import __version__
from photochrom.errors import PhotochromError
from photochrom.system.processes import watch_parent
from photochrom.web.admission import ClientGoneError
from photochrom.web.config import Site
from photochrom.web.errors import ApiError, answer, describe, refusal_of
from photochrom.web.jobs.cleanup import Sweeper
from photochrom.web.jobs.queue import Queue, default_queue
from photochrom.web.jobs.repository import Jobs
from photochrom.web.limits import Limits
from photochrom.web.middleware.client_identity import ClientCookies, client_of
from photochrom.web.middleware.metrics import Measured, Meter
from photochrom.web.middleware.request_guards import BodyGuard, OriginGuard
from photochrom.web.middleware.security_headers import SafetyHeaders
from photochrom.web.routes.colorize import colorize_route
from photochrom.web.routes.editing import steering_routes
from photochrom.web.routes.jobs import job_routes
from photochrom.web.routes.photos import photo_routes
from photochrom.web.routes.system import about_routes
from photochrom.web.schemas import Trouble
from photochrom.web.services import Service
from photochrom.web.storage.store import default_location

__all__ = ["API", "build_app", "make_app"]

API = "/api/v1"
PAGE = Path(__file__).with_name("static")
#: seconds between sweeps of the store
_SWEEP = 20.0


def make_app() -> ASGIApp:
    """The application as the command and the environment set it up."""
    service = Service.open(Site.received(), Limits.from_environment(), default_location())
    jobs = Jobs(service.store, Queue(default_queue(service.store)), service.limits)
    return build_app(service, jobs)


def build_app(service: Service, jobs: Jobs) -> ASGIApp:
    """The application of one process."""
    app = FastAPI(
        title="photochrom",
        version=__version__,
        summary="Colour black-and-white photographs and films.",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
        root_path=service.site.root_path,
        responses={"4XX": {"model": Trouble, "description": "refused, and why"}},
        lifespan=lambda _: _alive(service, jobs),
    )
    for routes in (photo_routes(service), steering_routes(service), colorize_route(service), about_routes(service)):
        app.include_router(routes, prefix=API)
    app.include_router(job_routes(service, jobs), prefix=API)
    app.mount("/static", _Files(directory=PAGE), name="static")
    meter = Meter(jobs)

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(meter.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/", include_in_schema=False)
    def page(request: Request) -> Response:
        # the cookie comes with the page, so that its first requests, which go out together, are one client's
        client_of(request)
        return FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})

    # what is a class of its own is answered inside the middlewares, so that it gets their headers
    for kind in (
        HTTPException,
        RequestValidationError,
        ClientGoneError,
        ClientDisconnect,
        PhotochromError,
        OSError,
        MemoryError,
        Exception,
    ):
        app.add_exception_handler(kind, _tell)
    films, photos = (f"{API}/jobs",), (f"{API}/colorize", f"{API}/photos", "/open")
    # the last added stands outermost
    app.add_middleware(BodyGuard, limits=service.limits, films=films, photos=photos)
    app.add_middleware(ClientCookies)
    app.add_middleware(OriginGuard, hosts=service.site.hosts, proxy=service.site.proxy)
    return Measured(SafetyHeaders(app))


class _Files(StaticFiles):
    """Files of the page, which browsers keep and ask about before they use them again."""

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "no-cache"
        return response


@asynccontextmanager
async def _alive(service: Service, jobs: Jobs) -> AsyncIterator[None]:
    watch_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    sweeper = Sweeper(service.store, service.album, jobs, service.limits)
    sweeper.start(_SWEEP)
    try:
        yield
    finally:
        sweeper.stop()
        service.bench.close()


def _tell(request: Request, error: Exception) -> Response:
    if isinstance(error, ClientGoneError | ClientDisconnect):
        return Response(status_code=499)
    if isinstance(error, RequestValidationError):
        return answer(ApiError(422, "bad_request", describe(list(error.errors()))))
    if (refusal := refusal_of(error)) is not None:
        return answer(refusal)
    if isinstance(error, HTTPException):
        return answer(_plain(error))
    return answer(ApiError(500, "failed", "something went wrong here: try again, and tell whoever runs this service"))


def _plain(error: HTTPException) -> ApiError:
    sentences: dict[int, tuple[str, str]] = {
        400: ("bad_request", "the request cannot be read: send it again"),
        404: ("not_found", "there is nothing here: check the address"),
        405: ("bad_method", "this address takes no such request: see openapi.json"),
    }
    code, sentence = sentences.get(error.status_code, ("refused", "the request was refused: see openapi.json"))
    return ApiError(error.status_code, code, sentence)
