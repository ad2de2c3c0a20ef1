"""Answers requests at an open port, in one process."""

import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from photochrom.web.config import ServiceConfig
from photochrom.web.jobs.shutdown import ENDING

__all__ = ["GRACE", "answer_requests"]

#: connections of one process; more are answered 503 at once
_CONNECTIONS = 400
#: seconds that requests in work have when the service is to stop
GRACE = 5


def _set_up_logs(*, access: bool) -> None:
    """Sends warnings to standard error, and a line for each request where wanted."""
    logging.basicConfig(level=logging.WARNING, format="photochrom: %(message)s", stream=sys.stderr)
    logging.getLogger("photochrom.web.access").setLevel(logging.INFO if access else logging.WARNING)


def answer_requests(listener: socket.socket) -> None:
    """Answers until SIGINT or SIGTERM, as :meth:`photochrom.web.config.ServiceConfig.from_environment` says."""
    config = ServiceConfig.from_environment()
    _set_up_logs(access=config.access_log)
    server = uvicorn.Config(
        "photochrom.web.app:create_app",
        factory=True,
        lifespan="on",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=config.proxy_headers,
        forwarded_allow_ips="*" if config.proxy_headers else None,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=GRACE,
    )
    with _ignore_signals():
        _Server(server).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Tells long answers of the end as soon as it is known, not when they are waited for."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        ENDING.set()
        super().handle_exit(sig, frame)


@contextmanager
def _ignore_signals() -> Iterator[None]:
    """Ignores the signal that uvicorn sends itself again at its end, which must not end us before we have tidied up."""

    def ignore(number: int, frame: FrameType | None) -> None:
        pass

    before = {number: signal.signal(number, ignore) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    answer_requests(socket.socket(fileno=int(sys.argv[1])))
