"""An S3 server on this machine, in memory, that can be told to fail: for the tests and the measurements.

``python benchmarks/s3_server.py`` prints its address and serves until it is ended. Its faults are set by
``PUT /-/faults`` with a JSON list; each is used ``times`` times, on requests of ``method`` whose path holds ``path``:

- ``{"status": 503}`` answers so, and does nothing;
- ``{"cut": 100}`` sends the first 100 bytes of the answer and closes the connection;
- ``{"after": true, "status": 500}`` does what was asked, and answers so all the same.

It needs ``moto[s3]``, ``flask`` and ``flask-cors``.
"""

import json
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

Application = Callable[..., Iterable[bytes]]


class Quiet(WSGIRequestHandler):
    """Speaks HTTP/1.1 and writes no log. Werkzeug closes each connection, which object stores do not."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Says nothing."""


class Faulty:
    """The server's application, with faults that are asked for."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner
        self.faults: list[dict[str, Any]] = []
        self.lock = threading.Lock()

    def take(self, method: str, path: str) -> dict[str, Any] | None:
        """Returns the fault of a request, and uses it up."""
        with self.lock:
            for fault in self.faults:
                if fault["times"] > 0 and fault["method"] == method and fault.get("path", "") in path:
                    fault["times"] -= 1
                    return fault
        return None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answers a request."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path == "/-/faults":
            with self.lock:
                if method == "PUT":
                    self.faults = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
                left = json.dumps(self.faults).encode()
            start_response("200 OK", [("Content-Length", str(len(left)))])
            return [left]
        fault = self.take(method, path)
        if fault is None:
            return self.inner(environ, start_response)
        if "cut" in fault:
            # the length of the whole, and less than that: the connection is closed in the middle
            def shorten(content: Iterable[bytes]) -> Iterable[bytes]:
                yield b"".join(content)[: fault["cut"]]
                raise ConnectionResetError

            return shorten(self.inner(environ, start_response))
        if fault.get("after"):
            b"".join(self.inner(environ, lambda *_: None))
        else:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response(f"{fault['status']} Fault", [("Content-Length", "0")])
        return [b""]


def main() -> None:
    application = Faulty(DomainDispatcherApplication(create_backend_app))
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=Quiet)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
