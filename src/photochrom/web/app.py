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
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse
from starlette.staticfiles import PathLike
from starlette.types import ASGIApp, Scope

from photochrom import __version__
from photochrom.errors import PhotochromError
from photochrom.system.processes import watch_parent
from photochrom.web.admission import ClientGoneError
from photochrom.web.config import ServiceConfig
from photochrom.web.errors import ApiError, answer_error, find_answer, validation_error
from photochrom.web.jobs.cleanup import StorageSweeper
from photochrom.web.jobs.queue import JobQueue, find_queue_url
from photochrom.web.jobs.repository import JobRepository
from photochrom.web.jobs.shot_scanner import ShotScanner
from photochrom.web.limits import Limits
from photochrom.web.middleware.addresses import Addresses, HeadRequests
from photochrom.web.middleware.client_identity import ClientIdentity, identify_client
from photochrom.web.middleware.deprecated_names import DeprecatedNames
from photochrom.web.middleware.metrics import MetricsCollector, MetricsMiddleware
from photochrom.web.middleware.rate_limit import RateLimiter
from photochrom.web.middleware.request_guards import BodyGuard, OriginGuard
from photochrom.web.middleware.security_headers import SecurityHeaders
from photochrom.web.routes.colorize import colorize_route
from photochrom.web.routes.editing import editing_routes
from photochrom.web.routes.jobs import job_routes
from photochrom.web.routes.languages import list_languages
from photochrom.web.routes.openapi import describe_api, name_operation
from photochrom.web.routes.page import BUILT, STATIC, Page
from photochrom.web.routes.photos import photo_routes
from photochrom.web.routes.system import system_routes
from photochrom.web.routes.tiles import tile_routes
from photochrom.web.routes.videos import video_routes
from photochrom.web.schemas.photos import ErrorResponse
from photochrom.web.services import Service
from photochrom.web.storage.store import find_storage_url

__all__ = ["API", "build_app", "create_app"]

API = "/api/v1"
#: seconds between sweeps of the storage
_SWEEP = 20.0
#: the codes of what the framework itself refuses, by status
_CODES = {400: "service.unreadable_request", 404: "service.unknown_address", 405: "service.method_not_allowed"}


def create_app() -> ASGIApp:
    """Returns the application as the command and the environment set it up."""
    service = Service.open(ServiceConfig.from_environment(), Limits.from_environment(), find_storage_url())
    jobs = JobRepository(service.storage, JobQueue(find_queue_url(service.storage)), service.limits, service.limits_of)
    return build_app(service, jobs)


def build_app(service: Service, jobs: JobRepository) -> ASGIApp:
    """Returns the application of one process."""
    shots = ShotScanner(service.storage, service.limits)
    app = FastAPI(
        title="photochrom",
        version=__version__,
        summary="Colour black-and-white photographs and films.",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
        root_path=service.config.root_path,
        responses={
            "4XX": {"model": ErrorResponse, "description": "refused, and why"},
            "5XX": {"model": ErrorResponse, "description": "not possible now, and when it may be"},
        },
        generate_unique_id_function=name_operation,
        redirect_slashes=False,
        lifespan=lambda _: _lifespan(service, jobs, shots),
    )
    app.state.addresses = addresses = Addresses()
    for routes in (
        photo_routes(service),
        editing_routes(service),
        tile_routes(service),
        colorize_route(service),
        system_routes(service, jobs),
        job_routes(service, jobs),
        video_routes(service, shots),
    ):
        app.include_router(routes, prefix=API)
        addresses.add(API, routes.routes)

    @app.get("/static/texts/languages.json", include_in_schema=False)
    def languages() -> Response:
        return JSONResponse(list_languages(), headers={"Cache-Control": "no-cache"})

    page = Page()
    app.mount("/static", GZipMiddleware(_PageFiles("no-cache", directory=STATIC)), name="static")
    if page.languages:
        # what is built has its content in its name
        lasting = _PageFiles("public, max-age=31536000, immutable", directory=BUILT)
        app.mount("/built", GZipMiddleware(lasting), name="built")
    collector = MetricsCollector(jobs)

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(collector.render(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/", include_in_schema=False)
    def show_page(request: Request) -> Response:
        # the cookie comes with the page, so that its first requests, which go out together, are one client's
        identify_client(request)
        return page.respond(request)

    # a class that is named here is answered inside the middleware, so that the answer gets their headers
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
        app.add_exception_handler(kind, _handle_error)
    app.openapi = lambda: describe_api(app)  # type: ignore[method-assign]
    videos, photos = (f"{API}/jobs", f"{API}/videos"), (f"{API}/colorize", f"{API}/photos", "/projects/import")
    # the last added stands outermost
    app.add_middleware(BodyGuard, limits=service.limits, videos=videos, photos=photos)
    rates = RateLimiter(service.storage)
    app.add_middleware(ClientIdentity, keys=service.keys, rates=rates, prefix=API)
    app.add_middleware(DeprecatedNames, prefix=API)
    app.add_middleware(HeadRequests)
    config = service.config
    app.add_middleware(OriginGuard, hosts=config.hosts, proxy=config.proxy_headers, root=config.root_path)
    return MetricsMiddleware(SecurityHeaders(app))


class _PageFiles(StaticFiles):
    """Serves files of the page.

    Args:
        kept: how browsers may keep them.
        directory: where they are.
    """

    def __init__(self, kept: str, *, directory: Path) -> None:
        super().__init__(directory=directory)
        self._kept = kept

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = self._kept
        return response


@asynccontextmanager
async def _lifespan(service: Service, jobs: JobRepository, shots: ShotScanner) -> AsyncIterator[None]:
    watch_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    sweeper = StorageSweeper(service.storage, service.photos, jobs, service.limits)
    sweeper.start(_SWEEP)
    try:
        yield
    finally:
        sweeper.stop()
        shots.close()
        service.admission.close()


def _handle_error(request: Request, error: Exception) -> Response:
    if isinstance(error, ClientGoneError | ClientDisconnect):
        return Response(status_code=499)
    if isinstance(error, RequestValidationError):
        error = validation_error(error.errors())
    if isinstance(error, HTTPException) and isinstance(error.__cause__, ApiError):
        # raised while the framework read the body
        error = error.__cause__
    if (known := find_answer(error)) is not None:
        return known.to_response()
    if isinstance(error, HTTPException):
        if error.status_code == 404 and (place := request.app.state.addresses.find_redirect(request)) is not None:
            return RedirectResponse(place, 308)
        code = _CODES.get(error.status_code, "service.refused")
        response = answer_error(ApiError(code), status=error.status_code).to_response()
        if error.status_code == 405:
            response.headers["Allow"] = ", ".join(request.app.state.addresses.list_methods(request))
        return response
    return answer_error(ApiError("service.failed")).to_response()
