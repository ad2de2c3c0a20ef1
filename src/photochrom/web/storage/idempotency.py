"""Takes a request that is sent again with the same ``Idempotency-Key`` once.

The key stands in the client's part of the storage, with what was made for it. A second request with it is answered with
that; one that comes while the first is in work is told to come back. A first request whose process was killed does not
count.
"""

import hashlib
import re
import time
from typing import Annotated

from fastapi import Header

from photochrom.web.errors import ApiError
from photochrom.web.storage.processes import find_own_name, has_ended
from photochrom.web.storage.store import Storage

__all__ = ["IdempotencyKey", "Once"]

IdempotencyKey = Annotated[
    str | None,
    Header(
        description="Any text of your own, 8 to 200 characters: sent again with it, the request is taken once.",
        examples=["3f9a0c5d7e"],
    ),
]
_KEY = re.compile(r"[\x21-\x7e]{8,200}")


class Once:
    """One use of a key: ``begin``, then ``done`` or ``drop``.

    Args:
        storage: where keys stand.
        client: whose it is.
        key: as sent; None for a request without one, of which nothing is kept.
        kind: what is made; a key belongs to one kind.
        patience: seconds after which a request that was begun counts as lost, where its process is not known to have
            ended.

    Raises:
        ApiError: the key cannot be used.
    """

    def __init__(self, storage: Storage, client: str, key: str | None, kind: str, patience: int) -> None:
        if key is not None and not _KEY.fullmatch(key):
            raise ApiError("service.invalid_key")
        self._storage, self._kind, self._patience, self._client = storage, kind, patience, client
        name = hashlib.sha256((key or "").encode()).hexdigest()[:40]
        self._place = None if key is None else f"{client}/keys/{name}"

    def begin(self) -> str | None:
        """Returns the id of what was made for the key; None where it is new.

        Raises:
            ApiError: 409, the first request is still in work; 422, the key was used for something else.
        """
        if self._place is None:
            return None
        with self._storage.lock(self._client):
            known = self._storage.read_json(self._place)
            if known is not None:
                if known.get("kind") != self._kind:
                    raise ApiError("service.key_reused")
                if known.get("id"):
                    return str(known["id"])
                fresh = time.time() - known.get("begun", 0.0) < self._patience
                if fresh and not has_ended(self._storage, known.get("process", "")):
                    raise ApiError("service.key_in_work")
            begun = {"kind": self._kind, "begun": time.time(), "process": find_own_name(self._storage)}
            self._storage.write_json(self._place, begun)
        return None

    def done(self, id_: str) -> None:
        """Notes what was made for the key."""
        if self._place is not None:
            self._storage.write_json(self._place, {"kind": self._kind, "begun": time.time(), "id": id_})

    def drop(self) -> None:
        """Forgets the key, for a request that was refused."""
        if self._place is not None:
            self._storage.remove(self._place)
