"""What the service is and how it does: models, limits, health, readiness, and tokens for programs."""

from dataclasses import asdict

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from photochrom import __version__
from photochrom.web.errors import ApiError
from photochrom.web.middleware.client_identity import make_token
from photochrom.web.schemas import ClientMade, LimitFacts, ModelFacts
from photochrom.web.services import Service

__all__ = ["about_routes"]


def about_routes(service: Service) -> APIRouter:
    """Routes that need no photo."""
    routes = APIRouter(tags=["about"])

    @routes.get("/models")
    def models() -> list[ModelFacts]:
        """The networks that are here, the default first."""
        return service.painter.list_models()

    @routes.get("/limits")
    async def limits() -> LimitFacts:
        """What is taken at most, and how long it is kept."""
        known = asdict(service.limits)
        return LimitFacts(**{name: known[name] for name in LimitFacts.model_fields})

    @routes.post("/clients", status_code=201)
    async def join() -> ClientMade:
        """A token for a program; a browser needs none."""
        return ClientMade(token=make_token())

    @routes.get("/health")
    async def health() -> dict[str, str]:
        """Whether the process answers."""
        return {"status": "ok", "version": __version__}

    @routes.get("/ready")
    async def ready() -> dict[str, str]:
        """Whether photos can be taken: the network opens and the store can be written."""
        try:
            await run_in_threadpool(service.check)
        except OSError:
            raise ApiError(503, "not_ready", "the store cannot be written: try again later", retry_after=10) from None
        return {"status": "ready"}

    return routes
