"""Finds the store of an address."""

import threading

from photochrom.system.stores.address import get_scheme
from photochrom.system.stores.base import Store
from photochrom.system.stores.disk import DiskStore
from photochrom.system.stores.remote import RemoteStore
from photochrom.system.stores.retry import Retry

__all__ = ["StoreSet", "open_store"]


def open_store(address: str, *, retry: Retry | None = None) -> Store:
    """Returns the store of an address from :func:`~photochrom.system.stores.address.parse_address`.

    Args:
        address: of a file or a folder.
        retry: how often what fails for a while is tried again; None for the usual.

    Raises:
        MissingDependencyError: the library for such addresses is not installed.
        StoreError: the library cannot be set up.
    """
    scheme = get_scheme(address)
    return DiskStore() if scheme is None else RemoteStore(scheme, retry or Retry())


class StoreSet:
    """The stores of addresses of several kinds, each opened once. For threads, and to be sent."""

    def __init__(self) -> None:
        self._opened: dict[str | None, Store] = {}
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), ()

    def get(self, address: str) -> Store:
        """Returns the store of an address; see :func:`open_store`."""
        with self._lock:
            scheme = get_scheme(address)
            if scheme not in self._opened:
                self._opened[scheme] = open_store(address)
            return self._opened[scheme]
