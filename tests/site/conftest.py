"""The built page in a folder, and a plain static server for it."""

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from photochrom.private_edition import PAGE, write_site
from photochrom.registry import find_model

NOT_BUILT = "the page for browsers is not built: run  make page  (needs Node 20)"


class _Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = {  # noqa: RUF012
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".webmanifest": "application/manifest+json",
    }

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


class Host:
    """Serves a folder as the plainest of hosts does; may be cut off and come back."""

    def __init__(self, folder: Path) -> None:
        handler = functools.partial(_Handler, directory=str(folder))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (PAGE / "index.html").is_file():
        pytest.skip(NOT_BUILT)
    folder = tmp_path_factory.mktemp("site")
    write_site(folder, find_model())
    return folder


@pytest.fixture
def host(site_folder: Path) -> Iterator[Host]:
    made = Host(site_folder)
    yield made
    made.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serves folders as plain hosts do, and gives their addresses."""
    hosts: list[Host] = []

    def start(folder: Path) -> str:
        hosts.append(Host(folder))
        return hosts[-1].address

    yield start
    for made in hosts:
        made.close()
