"""``photochrom serve``: the page, the API, and a worker for films and batches."""

from typing import Annotated

import typer

from photochrom.cli._support.options import Device

__all__ = ["serve"]


def serve(
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", help="The port; 0 takes any that is free.")] = 8000,
    workers: Annotated[int, typer.Option(metavar="N", help="Processes that answer.")] = 1,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A network that may be chosen, several times; the first is the default."),
    ] = None,
    device: Device = "auto",
    root_path: Annotated[str, typer.Option(metavar="/PATH", help="The path a proxy reaches it under.")] = "",
    proxy_headers: Annotated[
        bool, typer.Option("--proxy-headers", help="A proxy stands before it: believe its X-Forwarded headers.")
    ] = False,
    allowed_host: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Answer to this name only, several times for more.")
    ] = None,
    access_log: Annotated[
        bool, typer.Option("--access-log", help="A line for each request on standard error, without names.")
    ] = False,
) -> None:
    """Serve the page and the API until Ctrl-C. Nothing is loaded from elsewhere, and photos stay on this machine."""
    from photochrom.errors import MissingDependencyError, OptionError
    from photochrom.registry import find_model

    if workers < 1:
        raise OptionError("command.workers_out_of_range", flag="--workers", count=workers)
    models = tuple(find_model(name).card.name for name in model or ())
    try:
        from photochrom.user_study.server import listen
        from photochrom.web.config import LOCAL, ServiceConfig, is_loopback
        from photochrom.web.limits import Limits
        from photochrom.web.server import check_set_up
        from photochrom.web.server import serve as run
    except ImportError as error:
        raise MissingDependencyError("Serving", "web") from error
    Limits.from_environment()
    check_set_up(models)
    path = "/" + root_path.strip("/") if root_path.strip("/") else ""
    config = ServiceConfig(
        root_path=path,
        proxy_headers=proxy_headers,
        # a page of another site, whose name leads to this machine, must not reach what only this machine may
        hosts=tuple(allowed_host or (() if proxy_headers or not is_loopback(host) else LOCAL)),
        models=models,
        device=device,
        workers=workers,
        access_log=access_log,
    )
    door = listen(host, port)
    place, bound = door.getsockname()[:2]
    typer.echo(f"photochrom: http://{f'[{place}]' if ':' in place else place}:{bound}{path}/   Ctrl-C ends it")
    run(config, door)
