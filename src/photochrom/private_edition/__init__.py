"""The private edition: a static folder whose page colours photos in the browser, with nothing uploaded."""

from photochrom.private_edition.folder import PAGE, write_site

__all__ = ["PAGE", "write_site"]
