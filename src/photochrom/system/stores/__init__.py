"""Files by address: in object stores and on the web through fsspec, or on a disk; the same few operations for all."""

from photochrom.system.stores.address import get_scheme, is_url, join_address, name_of, parse_address
from photochrom.system.stores.base import Store, StoredFile
from photochrom.system.stores.open import StoreSet, open_store
from photochrom.system.stores.retry import Retry

__all__ = [
    "Retry",
    "Store",
    "StoreSet",
    "StoredFile",
    "get_scheme",
    "is_url",
    "join_address",
    "name_of",
    "open_store",
    "parse_address",
]
