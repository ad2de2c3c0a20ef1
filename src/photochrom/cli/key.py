"""``photochrom key``: an API key of a service."""

from typing import Annotated

import typer

__all__ = ["key"]


def key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose it is; photos and jobs belong to the name.")],
) -> None:
    """Make an API key. It is shown once; the service's file of keys holds its hash alone.

    photochrom key archive 2> key.txt >> keys.toml
    """
    from pydantic import ValidationError

    from photochrom.errors import OptionError
    from photochrom.web.middleware.api_keys import ApiKey, create_key, hash_key

    secret = create_key()
    try:
        entry = ApiKey(name=name, hash=hash_key(secret))
    except ValidationError:
        raise OptionError("service.key_name", name=name) from None
    typer.echo(secret, err=True)
    typer.echo(f'[[keys]]\nname = "{entry.name}"\nhash = "{entry.hash}"')
