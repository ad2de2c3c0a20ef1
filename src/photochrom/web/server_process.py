"""One process that answers requests at an open port."""

import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from photochrom.web.config import Site

__all__ = ["GRACE", "answer_requests"]

#: connections of one process; more are answered 503 at once
_CONNECTIONS = 400
#: seconds that requests in work have when the service is told to stop
GRACE = 5


def _set_up_logs(*, access: bool) -> None:
    """Warnings go to standard error, and a line for each request where wanted."""
    logging.basicConfig(level=logging.WARNING, format="photochrom: %(message)s", stream=sys.stderr)
    logging.getLogger("photochrom.web.access").setLevel(logging.INFO if access else logging.WARNING)


def answer_requests(door: socket.socket) -> None:
    """Answer until SIGINT or SIGTERM, as :meth:`photochrom.web.config.Site.received` says."""
    site = Site.received()
    _set_up_logs(access=site.access_log)
    config = uvicorn.Config(
        "photochrom.web.app:make_app",
        factory=True,
        lifespan="on",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=site.proxy,
        forwarded_allow_ips="*" if site.proxy else None,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=GRACE,
    )
    with _quiet_end():
        uvicorn.Server(config).run(sockets=[door])


@contextmanager
def _quiet_end() -> Iterator[None]:
    """Uvicorn ends well and then sends itself the signal again, which must not end us before we have tidied up."""

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
