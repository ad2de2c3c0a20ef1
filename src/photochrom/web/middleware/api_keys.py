"""The API keys that an operator has given out, each with limits of its own.

They stand in a TOML file, which is read again when it changes::

    required = true              # without a key nobody is answered; false lets others in as before

    [[keys]]
    name = "archive"             # whose photos these are, whichever key the name has
    hash = "sha256:9f86d081..."  # of the key; ``photochrom key`` makes both
    photos = 500
    jobs = 100
    active_jobs = 8
    requests_per_minute = 600
    models = ["photochrom"]

A key is 256 random bits, so its hash needs neither salt nor a slow function.
"""

import hashlib
import logging
import os
import re
import secrets
import threading
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from photochrom.errors import OptionError
from photochrom.web.limits import Limits

__all__ = ["KEY_FORM", "VARIABLE", "ApiKey", "ApiKeys", "create_key", "hash_key"]

#: the setting that names the file
VARIABLE = "PHOTOCHROM_API_KEYS"
PREFIX = "photochrom_"
KEY_FORM = re.compile(PREFIX + "[0-9a-f]{64}")
#: limits that a key may have of its own
_QUOTAS = ("photos", "jobs", "active_jobs")
_log = logging.getLogger("photochrom.web")

Quota = Annotated[int, Field(ge=1, strict=True)]


class ApiKey(BaseModel):
    """One key of the file; what is left out is as for everybody.

    Attributes:
        name: whose it is.
        hash: of the key.
        photos: as of :class:`~photochrom.web.limits.Limits`.
        jobs: likewise.
        active_jobs: likewise.
        requests_per_minute: on average; as many may come at once. None for any number.
        models: networks that it may use, its default first; none for all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[\w.@ -]{1,100}$")]
    hash: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    photos: Quota | None = None
    jobs: Quota | None = None
    active_jobs: Quota | None = None
    requests_per_minute: Quota | None = None
    models: tuple[str, ...] = ()

    @property
    def client(self) -> str:
        """The name of its folder in the storage, which stays when the key is replaced."""
        return hashlib.sha256(f"api key of {self.name}".encode()).hexdigest()[:40]


class _KeyFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    required: bool = True
    keys: list[ApiKey] = Field(default_factory=list)


def create_key() -> str:
    """Returns a new key: 256 random bits behind a word by which it is known when it is found where it should not be."""
    return PREFIX + secrets.token_hex(32)


def hash_key(key: str) -> str:
    """Returns what the file holds of a key."""
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


class ApiKeys:
    """The keys of one service; safe between threads.

    Args:
        path: of the file; None where no keys are given out.
        models: names of the networks that are offered.

    Raises:
        OptionError: the file cannot be read or used.
    """

    def __init__(self, path: Path | None, models: Sequence[str]) -> None:
        self._path, self._models = path, tuple(models)
        self._lock = threading.Lock()
        self._state = _look(path)
        self._use(self._load(path) if path else _KeyFile(required=False))

    @classmethod
    def from_environment(cls, models: Sequence[str]) -> "ApiKeys":
        """Returns the keys of the file that ``PHOTOCHROM_API_KEYS`` names. Raises OptionError."""
        named = os.environ.get(VARIABLE)
        return cls(Path(named) if named else None, models)

    @property
    def required(self) -> bool:
        """Whether nobody is answered without a key."""
        self._refresh()
        return self._file.required

    def find(self, key: str) -> ApiKey | None:
        """Returns what is known of a key; None where it was not given out, or not any more."""
        self._refresh()
        return self._by_hash.get(hash_key(key))

    def limits_of(self, client: str, limits: Limits) -> Limits:
        """Returns the limits of a client: those of everybody, but for what its key says."""
        entry = self._by_client.get(client)
        own = {} if entry is None else {name: getattr(entry, name) for name in _QUOTAS if getattr(entry, name)}
        return replace(limits, **own)

    def models_of(self, client: str) -> tuple[str, ...]:
        """Returns the networks a client may use, its default first; none for all."""
        entry = self._by_client.get(client)
        return entry.models if entry else ()

    def rate_of(self, client: str) -> int | None:
        """Returns how many requests a minute a client may send; None for any number."""
        entry = self._by_client.get(client)
        return entry.requests_per_minute if entry else None

    def _use(self, file: _KeyFile) -> None:
        self._file = file
        self._by_hash = {entry.hash: entry for entry in file.keys}
        self._by_client = {entry.client: entry for entry in file.keys}

    def _refresh(self) -> None:
        if self._path is None or _look(self._path) == self._state:
            return
        with self._lock:
            state = _look(self._path)
            if state == self._state:
                return
            self._state = state
            try:
                self._use(self._load(self._path))
            except OptionError as error:
                # a slip of the pen must lock nobody out, nor let anybody in
                _log.warning("the keys stay as they were: %s", error)

    def _load(self, path: Path) -> _KeyFile:
        try:
            file = _KeyFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise OptionError("service.keys_unreadable", path=path, reason=error.strerror or str(error)) from None
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise OptionError("service.keys_unreadable", path=path, reason=f"{place}: {first['msg']}") from None
        except ValueError as error:
            raise OptionError("service.keys_unreadable", path=path, reason=str(error)) from None
        for field in ("name", "hash"):
            given = [getattr(entry, field) for entry in file.keys]
            if doubled := {each for each in given if given.count(each) > 1}:
                raise OptionError(
                    "service.keys_unreadable", path=path, reason=f"two keys have the {field} {min(doubled)}"
                )
        for entry in file.keys:
            if unknown := set(entry.models) - set(self._models):
                reason = f"{entry.name}: the network {min(unknown)} is not offered"
                raise OptionError("service.keys_unreadable", path=path, reason=reason)
        return file


def _look(path: Path | None) -> tuple[int, int, int] | None:
    """Returns what differs when a file was changed; None where it cannot be seen."""
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size, found.st_ino)
