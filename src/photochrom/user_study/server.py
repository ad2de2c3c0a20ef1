"""The study's page and what it talks to; needs the ``web`` extra, and is opened only by those who serve.

Everything comes from this server and stays there: no cookies, no log of addresses, a policy that lets the page load
nothing from elsewhere. The study's id is part of each address; whoever does not have it gets nothing.
"""

import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import fastapi
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from photochrom.errors import OptionError, StudyError
from photochrom.user_study.responses import Answer, Answers, OutOfOrderError, Step, UnknownParticipantError
from photochrom.user_study.study import ANSWERS, Study, open_study, picture_path

__all__ = ["build_app", "listen", "serve"]

PAGE = Path(__file__).with_name("page")
FILES = {"": "page.html", "page.css": "page.css", "page.js": "page.js"}
#: a longer request is not from our page, bytes
LARGEST_REQUEST = 4096
#: an answer an hour after the pictures is still one
LONGEST_MS = 24 * 3600 * 1000.0
UNFIT = "This is not an answer of the study's page. Load the page again."

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Token = Annotated[str, fastapi.Path(pattern="^[A-Za-z0-9_-]{32}$")]
Milliseconds = Annotated[float, Field(ge=0, le=LONGEST_MS, allow_inf_nan=False)]


class _ConsentRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    consent: Literal[True]


class _AnswerRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    number: Annotated[int, Field(ge=1, le=100_000)]
    choice: Literal[1, 2]
    first_ms: Milliseconds
    second_ms: Milliseconds
    answer_ms: Milliseconds
    interrupted: bool


def build_app(folder: Path) -> FastAPI:
    """Builds the web application of one study.

    Raises:
        StudyError: the folder is not a study, or is damaged.
    """
    study = open_study(folder)
    answers = Answers(folder / ANSWERS)
    answers.count_participants()  # a damaged file is reported now, not to the first participant
    stems = {stem for pair in (*study.practice, *study.checks, *study.pairs) for stem in (pair.a, pair.b)}
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    root = f"/s/{study.id}"

    @app.middleware("http")
    async def guard(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        response = _refuse_large(request) or await call(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.exception_handler(HTTPException)
    def refuse(request: Request, error: HTTPException) -> Response:
        if error.status_code == 400:
            return _error(400, UNFIT)
        return _error(error.status_code, "There is nothing here. Check the address.")

    @app.exception_handler(RequestValidationError)
    def correct(request: Request, error: RequestValidationError) -> Response:
        # what was sent is not sent back
        return _error(422, UNFIT)

    @app.exception_handler(StudyError)
    def fail(request: Request, error: StudyError) -> Response:
        if isinstance(error, UnknownParticipantError):
            return _error(404, str(error))
        if isinstance(error, OutOfOrderError):
            return _error(409, str(error))
        return _error(503, "The answers cannot be stored at the moment. Tell whoever gave you the address.")

    @app.get(f"{root}/study")
    def describe() -> dict[str, Any]:
        return {
            "title": study.title,
            "question": study.question,
            "consent": [part for part in study.consent.split("\n\n") if part.strip()],
            "seconds": study.seconds,
            "steps": study.steps,
            "practice": len(study.practice),
            "graded": study.ask == "real",
        }

    @app.get(f"{root}/pictures/{{name}}.webp")
    def picture(name: str) -> Response:
        if name not in stems:
            raise HTTPException(404)
        kept = {"Cache-Control": "private, max-age=3600"}
        return FileResponse(picture_path(folder, name), media_type="image/webp", headers=kept)

    @app.post(f"{root}/participants", status_code=201)
    def join(consent: _ConsentRequest) -> dict[str, Any]:
        token = answers.add_participant(study)
        return {"participant": token, "next": _describe_step(study, answers.find_next_step(token))}

    @app.get(f"{root}/participants/{{token}}/next")
    def go_on(token: Token) -> dict[str, Any]:
        return {"next": _describe_step(study, answers.find_next_step(token))}

    @app.post(f"{root}/participants/{{token}}/answers")
    def take(token: Token, given: _AnswerRequest) -> dict[str, Any]:
        answer = Answer(given.choice, given.first_ms, given.second_ms, given.answer_ms, given.interrupted)
        step = answers.record(token, given.number, answer)
        # only practice says right or wrong, and only where there is a right
        graded = step.kind == "practice" and study.ask == "real"
        right = step.choice == "a" if graded else None
        return {"right": right, "next": _describe_step(study, answers.find_next_step(token))}

    @app.delete(f"{root}/participants/{{token}}")
    def forget(token: Token) -> dict[str, Any]:
        answers.delete_participant(token)
        return {"deleted": True}

    @app.get(f"{root}/")
    @app.get(f"{root}/{{name}}")
    def page(name: str = "") -> Response:
        if name not in FILES:
            raise HTTPException(404)
        return FileResponse(PAGE / FILES[name])

    return app


def _describe_step(study: Study, step: Step | None) -> dict[str, Any] | None:
    """Returns a step as the page may see it: nothing tells a check from a test, or one side from the other."""
    if step is None:
        return None
    pair = study.of_kind(step.kind)[step.pair]
    order = (pair.a, pair.b) if step.first == "a" else (pair.b, pair.a)
    return {
        "number": step.number,
        "practice": step.kind == "practice",
        "pictures": [f"pictures/{stem}.webp" for stem in order],
    }


def _refuse_large(request: Request) -> Response | None:
    if request.method not in ("POST", "PUT", "PATCH"):
        return None
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        return _error(411, "The request does not say how long it is. Load the page again.")
    return _error(413, "The request is too long. Load the page again.") if int(length) > LARGEST_REQUEST else None


def _error(status: int, text: str) -> Response:
    return JSONResponse({"error": text}, status_code=status)


def listen(host: str, port: int) -> socket.socket:
    """Opens the port; 0 takes any that is free.

    Raises:
        OptionError: it cannot be had.
    """
    if not 0 <= port <= 65535:
        raise OptionError("study.port_out_of_range", value=port)
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
        # connections have it from here; asyncio sets it for sockets that name TCP alone, and without it the second
        # answer on a kept connection, and each after it, waits 40 ms for the other side to confirm the headers
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no such address"
        raise OptionError("study.address_unavailable", port=port, host=host, reason=reason) from error


def serve(app: FastAPI, door: socket.socket) -> None:
    """Serves until interrupted; addresses of participants are neither logged nor stored."""
    config = uvicorn.Config(app, log_level="error", access_log=False, server_header=False, timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[door])
