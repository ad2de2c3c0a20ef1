"""Opens the network of a command for one photo while the rest of the command is still being imported."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from photochrom.image_io.formats import SUFFIXES
from photochrom.inference.session import OnnxSession
from photochrom.registry import DEFAULT_MODEL, find_model

__all__ = ["open_ahead"]


def open_ahead(inputs: Sequence[str], model: str | None, device: str) -> "Future[OnnxSession] | None":
    """Begins to open a network with all processors; None where the inputs may be more, or other, than one photo.

    ``model`` is None for the default. The modules that the session needs are imported here, so that no thread waits for the other's.
    """
    if len(inputs) != 1 or Path(inputs[0]).suffix.lower() not in SUFFIXES or not Path(inputs[0]).is_file():
        return None
    opener = ThreadPoolExecutor(1, thread_name_prefix="photochrom-ahead")
    opened = opener.submit(lambda: OnnxSession(find_model(model or DEFAULT_MODEL), device=device))
    opener.shutdown(wait=False)
    return opened
