"""Routes about the service: models, limits, health, readiness, and tokens for programs."""

from dataclasses import asdict

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from photochrom import __version__
from photochrom.web.errors import ApiError
from photochrom.web.jobs.queue import QueueUnavailableError
from photochrom.web.jobs.repository import JobRepository
from photochrom.web.middleware import client_identity
from photochrom.web.schemas import LimitInfo, ModelInfo, TokenResponse
from photochrom.web.services import Service

__all__ = ["system_routes"]


def system_routes(service: Service, jobs: JobRepository) -> APIRouter:
    """Returns the routes that need no photo."""
    routes = APIRouter(tags=["about"])

    @routes.get("/models")
    def list_models() -> list[ModelInfo]:
        """List the networks that are installed, the default first."""
        return service.colorize_service.list_models()

    @routes.get("/limits")
    async def get_limits() -> LimitInfo:
        """Tell what is taken at most, and how long it is kept."""
        known = asdict(service.limits) | {"max_size": service.limits.size}
        return LimitInfo(**{name: known[name] for name in LimitInfo.model_fields})

    @routes.post("/tokens", status_code=201)
    async def create_token() -> TokenResponse:
        """Make a token for a program; a browser needs none."""
        return TokenResponse(token=client_identity.create_token())

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
