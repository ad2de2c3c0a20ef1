"""Describes the API for programs: who may call what, and what refusals look like; the rest stands with the routes."""

from copy import deepcopy
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from photochrom.web.middleware.client_identity import COOKIE

__all__ = ["describe_api", "name_operation"]

#: operations that are the same for everybody
_OPEN = {"colorize", "create_token", "get_health", "get_limits", "get_readiness", "list_models", "sign_in", "sign_out"}
_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "For programs: an API key that the operator gave you, or where none is required, 32 to 128 "
        "hexadecimal digits that you keep to yourself; POST /tokens gives some.",
    },
    "browser": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "For browsers, which get it with their first answer.",
    },
}


def name_operation(route: APIRoute) -> str:
    """Returns the id of an operation: the name of its function."""
    return route.name


def describe_api(app: FastAPI) -> dict[str, Any]:
    """Adds security and the media type of refusals to what FastAPI says of the routes; made once."""
    if app.openapi_schema is None:
        described = FastAPI.openapi(app)
        described["components"]["securitySchemes"] = _SCHEMES
        # a body that cannot be read is refused as everything else is
        for name in ("HTTPValidationError", "ValidationError"):
            described["components"]["schemas"].pop(name, None)
        # the routes' own descriptions stay as they are, for another app of this process
        described["paths"] = deepcopy(described["paths"])
        _gather_schemas(described["paths"], described["components"]["schemas"])
        for methods in described["paths"].values():
            for operation in methods.values():
                known: list[dict[str, list[str]]] = [{name: []} for name in _SCHEMES]
                operation["security"] = [*known, {}] if operation["operationId"] in _OPEN else known
                operation["responses"].pop("422", None)
                for status, answer in operation["responses"].items():
                    if status in ("4XX", "5XX"):
                        answer["content"] = {"application/problem+json": answer["content"]["application/json"]}
    return app.openapi_schema or described


def _gather_schemas(part: Any, schemas: dict[str, Any]) -> None:
    """Moves what bodies that are described by hand define to where their references lead."""
    if isinstance(part, dict):
        for name, schema in part.pop("$defs", {}).items():
            schemas.setdefault(name, schema)
        for each in part.values():
            _gather_schemas(each, schemas)
    elif isinstance(part, list):
        for each in part:
            _gather_schemas(each, schemas)
