"""``photochrom worker``: does the films and batches of a service, on as many machines as one likes."""

import typer

from photochrom.cli._support.options import Device

__all__ = ["worker"]


def worker(device: Device = "auto") -> None:
    """Colour the films and batches that a service took, until Ctrl-C.

    PHOTOCHROM_QUEUE_URL (redis://HOST:PORT/NUMBER) and PHOTOCHROM_STORAGE_URL are those of the service. A job in work
    when the worker ends is gone on with by the next.
    """
    from photochrom.errors import MissingDependencyError

    try:
        from photochrom.web.worker import run_worker
    except ImportError as error:
        raise MissingDependencyError("A worker", "web") from error
    run_worker(device=device, ready=lambda: typer.echo("photochrom: waiting for jobs   Ctrl-C ends it"))
