"""Routes about the service: models, limits, health, readiness, and tokens for programs."""

from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from photochrom import __version__
from photochrom.web.errors import ApiError
from photochrom.web.jobs.queue import QueueUnavailableError
from photochrom.web.jobs.repository import JobRepository
from photochrom.web.middleware import client_identity
from photochrom.web.middleware.client_identity import client_of, make_cookie
from photochrom.web.schemas.photos import LimitInfo, ModelInfo, SessionRequest, TokenResponse
from photochrom.web.services import Service

__all__ = ["system_routes"]


def system_routes(service: Service, jobs: JobRepository) -> APIRouter:
    """Returns the routes that need no photo."""
    routes = APIRouter(tags=["about"])

    @routes.get("/models")
    def list_models(request: Request) -> list[ModelInfo]:
        """List the networks that may be chosen, the default first."""
        known = {model.name: model for model in service.colorize_service.list_models()}
        allowed = service.keys.models_of(client_of(request))
        return [known[name].model_copy(update={"default": name == allowed[0]}) for name in allowed] or [*known.values()]

    @routes.get("/limits")
    async def get_limits(request: Request) -> LimitInfo:
        """Tell what is taken of this client at most, and how long it is kept."""
        client = client_of(request)
        known = asdict(service.limits_of(client)) | {"max_size": service.limits.size}
        known["requests_per_minute"] = service.keys.rate_of(client)
        return LimitInfo(**{name: known[name] for name in LimitInfo.model_fields})

    @routes.post("/tokens", status_code=201)
    async def create_token() -> TokenResponse:
        """Make a token for a program; a browser needs none."""
        return TokenResponse(token=client_identity.create_token())

    @routes.post("/session", status_code=204)
    def sign_in(request: Request, asked: SessionRequest) -> Response:
        """Have the browser keep an API key in its cookie, where no script reads it."""
        if service.keys.find(asked.key) is None:
            raise ApiError("service.unknown_key")
        return Response(status_code=204, headers={"Set-Cookie": make_cookie(request.scope, asked.key)})

    @routes.delete("/session", status_code=204)
    def sign_out(request: Request) -> Response:
        """Have the browser forget the API key."""
        return Response(status_code=204, headers={"Set-Cookie": make_cookie(request.scope, "", 0)})

    @routes.get("/health")
    async def get_health() -> dict[str, str]:
        """Tell whether the process answers."""
        return {"status": "ok", "version": __version__}

    @routes.get("/ready")
    async def get_readiness() -> dict[str, str]:
        """Tell whether work is taken: the network opens, the storage takes a megabyte, the queue answers."""
        try:
            await run_in_threadpool(service.check)
            await run_in_threadpool(jobs.queue.length)
        except OSError:
            raise ApiError("service.not_ready") from None
        except QueueUnavailableError:
            raise ApiError("service.queue_unavailable") from None
        return {"status": "ready"}

    return routes
