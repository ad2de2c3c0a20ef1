"""Addresses of files: URLs, and paths of this machine."""

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from photochrom.errors import OptionError

__all__ = ["READABLE", "WRITABLE", "get_scheme", "is_url", "join_address", "name_of", "parse_address"]

#: kinds of URLs that can be written to: one request puts a whole file in place, or nothing
WRITABLE = ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "memory")
#: and those that can be read besides
READABLE = ("http", "https")

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


def is_url(text: str) -> bool:
    """Tells whether a text is a URL that is not simply a path of this machine; ``file://`` is one.

    >>> is_url("s3://scans/1936.jpg"), is_url("scans/1936.jpg"), is_url("C:/scans"), is_url("file:///scans")
    (True, False, False, True)
    """
    return _URL.match(text) is not None


def get_scheme(address: str) -> str | None:
    """Returns the kind of a URL, lower case; None for a path."""
    found = _URL.match(address)
    return found[1].lower() if found else None


def parse_address(text: str, *, write: bool = False) -> str:
    """Returns the address that a text means: a URL as it is, a path or ``file://`` as an absolute path.

    A ``/`` at the end is kept, for it says that a folder is meant.

    Args:
        text: a URL or a path.
        write: whether it is to be written to.

    Raises:
        OptionError: no files can be read, or written, at such an address.
    """
    scheme = get_scheme(text)
    if scheme is None or scheme == "file":
        path = text if scheme is None else _to_path(text)
        return os.path.abspath(path) + ("/" if path.endswith(("/", os.sep)) else "")  # noqa: PTH100 (text in, text out)
    if scheme not in (*WRITABLE, *READABLE):
        known = ", ".join(f"{name}://" for name in (*WRITABLE[:-1], *READABLE, "file"))
        raise OptionError("store.kind_unknown", url=text, known=known)
    if write and scheme in READABLE:
        raise OptionError("store.read_only", url=text)
    if not urlsplit(text).netloc and scheme != "memory":
        raise OptionError("store.bucket_unnamed", url=text)
    return text


def _to_path(url: str) -> str:
    # it opens the network libraries
    from urllib.request import url2pathname

    return url2pathname(urlsplit(url).path)


def join_address(folder: str, relative: str) -> str:
    """Returns the address of a file in a folder; ``relative`` has ``/`` between its parts.

    >>> join_address("s3://scans/box", "a/1936.jpg")
    's3://scans/box/a/1936.jpg'
    """
    if is_url(folder):
        return f"{folder.rstrip('/')}/{relative}"
    return str(Path(folder, *relative.split("/")))


def name_of(address: str) -> str:
    """Returns the name of the file at an address, without its folders.

    >>> name_of("https://example.org/old%20box/1936.jpg?size=full"), name_of("s3://scans/1936.jpg")
    ('1936.jpg', '1936.jpg')
    """
    scheme = get_scheme(address)
    if scheme in READABLE:
        return unquote(urlsplit(address).path).rsplit("/", 1)[-1]
    return address.rstrip("/").rsplit("/", 1)[-1] if scheme else Path(address).name
