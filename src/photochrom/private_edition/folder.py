"""Writes the folder that a static host serves: the built page, and the network beside it.

The page is built from ``site/`` by ``make site`` and lies in this package's ``page/``, in a wheel too. The network is
that of the weights, packed, because not every host packs what it sends.
"""

import gzip
import hashlib
import json
import os
from pathlib import Path

from photochrom.errors import OutputExistsError, WriteError
from photochrom.registry import Model
from photochrom.system.atomic import explain_os_error, write_whole

__all__ = ["PAGE", "write_site"]

#: where the built page lies
PAGE = Path(__file__).with_name("page")
#: what the page asks for first, and by what a folder is known as such a site
_INDEX = Path("network") / "network.json"


def write_site(folder: Path, model: Model, *, page: Path = PAGE, overwrite: bool = False) -> int:
    """Writes the page and the network into a folder, for any static host.

    Args:
        folder: where to; made if it is not there.
        model: the network that the page colours with.
        page: the built page.
        overwrite: whether a site that is there already is renewed. Other files in the folder stay.

    Returns:
        Bytes that were written.

    Raises:
        OutputExistsError: the folder is not empty and ``overwrite`` is not set.
        WriteError: the page is not built, or the folder cannot be written.
    """
    if not (page / "index.html").is_file():
        raise WriteError("site.not_built", path=page)
    if folder.exists() and not folder.is_dir():
        raise WriteError("output.not_a_folder", path=folder)
    if not overwrite and folder.is_dir() and any(folder.iterdir()):
        raise OutputExistsError("site.folder_not_empty", path=folder)
    files = {path.relative_to(page): path for path in sorted(page.rglob("*")) if path.is_file()}
    # no time of making: the same network gives the same bytes
    packed = gzip.compress(model.data, 9, mtime=0)
    name = f"{model.card.name}-{hashlib.sha256(model.data).hexdigest()[:12]}.onnx.gz.bin"
    listed = json.dumps({"file": name, "name": model.card.name, "size": len(packed)}, indent=1) + "\n"
    written = 0
    # the page comes last: a host that is being renewed never has a page without its network
    contents = [(Path("network") / name, packed), (_INDEX, listed.encode())]
    late = Path("index.html")
    ordered = [path for path in files if path != late] + [late]
    try:
        for place, content in contents:
            written += _write(folder / place, content)
        for place in ordered:
            written += _write(folder / place, files[place].read_bytes())
        _remove_old_networks(folder, name)
    except OSError as error:
        if isinstance(error, WriteError | OutputExistsError):
            raise
        raise explain_os_error(folder, error) from error
    return written


def _write(path: Path, content: bytes) -> int:
    write_whole(path, content, overwrite=True, folders=True)
    # a server that runs as another user must be able to read it
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)
    return len(content)


def _remove_old_networks(folder: Path, kept: str) -> None:
    for path in (folder / "network").glob("*.onnx.gz.bin"):
        if path.name != kept:
            path.unlink()
