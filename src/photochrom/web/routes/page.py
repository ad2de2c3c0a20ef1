"""The page itself: built for a quick first paint where that was done, else as its source stands."""

import functools
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

__all__ = ["BUILT", "STATIC", "Page"]

STATIC = Path(__file__).parents[1] / "static"
#: made of STATIC by ``make page``; without it, or where it is of another source, the page is served as it is written
BUILT = Path(__file__).parents[1] / "built"


@dataclass(frozen=True)
class Page:
    """The page in every language.

    Attributes:
        static: the folder of its source.
        built: the folder of what was built of it.
    """

    static: Path = STATIC
    built: Path = BUILT

    @functools.cached_property
    def languages(self) -> dict[str, bytes]:
        """The built page by language, empty where the source is served."""
        try:
            known = (self.built / "source.txt").read_text(encoding="ascii").strip()
        except OSError:
            return {}
        if known != digest_source(self.static):
            return {}
        return {path.suffixes[0][1:]: path.read_bytes() for path in sorted(self.built.glob("index.*.html"))}

    def respond(self, request: Request) -> Response:
        """Returns the page in the first language that the browser asks for."""
        accepted = request.headers.get("accept-language", "")
        asked = [part.strip()[:2].lower() for part in accepted.split(",")]
        code = next((tag for tag in asked if tag in self.languages), "en")
        content = self.languages.get(code) or (self.static / "index.html").read_bytes()
        headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language, Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            content = _compress(content)
            headers["Content-Encoding"] = "gzip"
        return Response(content, media_type="text/html", headers=headers)


@functools.lru_cache(8)
def _compress(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def digest_source(folder: Path) -> str:
    """Returns the SHA-256 of what the page is built of, as ``site/service_page.mjs`` counts it."""
    paths = [folder / "index.html", *(path for kind in ("css", "js", "texts") for path in (folder / kind).iterdir())]
    names = {path.relative_to(folder).as_posix(): path for path in paths if path.suffix in (".html", ".css", ".js")}
    digest = hashlib.sha256()
    for name in sorted(names):
        digest.update(name.encode() + b"\0" + names[name].read_bytes())
    return digest.hexdigest()
