"""Says where webhooks may go, and goes there and nowhere else.

Clients name the addresses, so each is looked at twice: its scheme, host and port when a job is taken, and the machine
that its name leads to when it is called. The connection is made to the address that was looked at.
"""

import http.client
import ipaddress
import os
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from photochrom.errors import OptionError
from photochrom.web.errors import ApiError

__all__ = ["HOSTS", "NETWORKS", "ForbiddenAddressError", "WebhookHosts"]

#: the settings: hosts that may be called, and networks besides the public internet where they may stand
HOSTS, NETWORKS = "PHOTOCHROM_WEBHOOK_HOSTS", "PHOTOCHROM_WEBHOOK_NETWORKS"
_PORTS = {"https": 443, "http": 80}
#: seconds without a byte after which a call is given up
_PATIENCE = 10.0
#: seconds after which it is given up though bytes come
_LONGEST = 30.0
#: addresses that lead to others, whose own ranges say nothing (RFC 6052, RFC 8215)
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ForbiddenAddressError(OSError):
    """A name leads to a machine that must not be called."""


@dataclass(frozen=True)
class _Host:
    scheme: str
    name: str
    port: int

    def covers(self, scheme: str, name: str, port: int) -> bool:
        if (scheme, port) != (self.scheme, self.port):
            return False
        return name.endswith(self.name[1:]) if self.name.startswith("*.") else name == self.name


class WebhookHosts:
    """The hosts that an operator allows.

    Args:
        hosts: ``hooks.example``, ``*.example.org``, ``hooks.example:8443``, or with ``http://`` before it.
        networks: such as ``10.0.0.0/8``, where hosts may stand though they are not on the public internet.

    Raises:
        OptionError: one of them is neither.
    """

    def __init__(self, hosts: tuple[str, ...], networks: tuple[str, ...] = ()) -> None:
        self._hosts = tuple(map(_parse_host, hosts))
        self._networks = tuple(map(_parse_network, networks))

    @classmethod
    def from_environment(cls) -> "WebhookHosts":
        """Returns the hosts and networks that the settings name, separated by commas. Raises OptionError."""
        hosts, networks = (
            tuple(each.strip() for each in os.environ.get(name, "").split(",") if each.strip())
            for name in (HOSTS, NETWORKS)
        )
        return cls(hosts, networks)

    def check(self, url: str) -> None:
        """Refuses an address that must not be called.

        Raises:
            ApiError: its scheme, host or port is not allowed.
        """
        self._parse(url)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Calls an address and returns the status of the answer; a redirection is one, and is not followed.

        Raises:
            ApiError: the address is not allowed.
            ForbiddenAddressError: its name leads to a machine that must not be called.
            OSError: the host does not answer.
            http.client.HTTPException: it answers what is not HTTP.
        """
        parts, port = self._parse(url)
        name = parts.hostname or ""
        connection = _connect(_Tls if parts.scheme == "https" else _Plain, name, port, self._resolve(name, port))
        watch = threading.Timer(_LONGEST, connection.abort)
        watch.daemon = True
        watch.start()
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, dict(headers))
            return connection.getresponse().status
        finally:
            watch.cancel()
            connection.close()

    def _parse(self, url: str) -> tuple[SplitResult, int]:
        try:
            parts = urlsplit(url)
            scheme, name, port = parts.scheme, (parts.hostname or "").lower(), parts.port
        except ValueError:
            raise ApiError("service.webhook_address") from None
        plain = url.isascii() and url.isprintable() and " " not in url
        if not plain or not name or parts.username is not None or parts.password is not None:
            raise ApiError("service.webhook_address")
        port = port or _PORTS.get(scheme, 0)
        if not any(host.covers(scheme, name, port) for host in self._hosts):
            raise ApiError("service.webhook_host", host=name)
        return parts, port

    def _resolve(self, name: str, port: int) -> list[Address]:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found))
        for address in addresses:
            # a name that leads here and there is not to be trusted with either
            if not self._may_call(address):
                raise ForbiddenAddressError(f"{name} leads to {address}, which is not allowed")
        return addresses

    def _may_call(self, address: Address) -> bool:
        if any(address in network for network in self._networks):
            return True
        if isinstance(address, ipaddress.IPv6Address):
            inner = address.ipv4_mapped
            if inner is not None:
                return self._may_call(inner)
            if address.sixtofour or address.teredo or any(address in network for network in _TRANSLATED):
                return False
        return address.is_global and not address.is_multicast


class _Plain(http.client.HTTPConnection):
    """Connects to an address that was looked at, and names the host that it was looked up for."""

    def __init__(self, name: str, port: int, address: str) -> None:
        super().__init__(name, port, timeout=_PATIENCE)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)

    def abort(self) -> None:
        """Has whoever waits for an answer meet the end of the connection."""
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


class _Tls(_Plain):
    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _connect(kind: type[_Plain], name: str, port: int, addresses: Sequence[Address]) -> _Plain:
    """Returns a connection to the first address that takes one. Raises OSError where none does."""
    reached: OSError = ForbiddenAddressError(f"{name} leads nowhere")
    for address in addresses:
        connection = kind(name, port, str(address))
        try:
            connection.connect()
        except OSError as error:
            reached = error
            connection.close()
        else:
            return connection
    raise reached


def _parse_host(text: str) -> _Host:
    scheme, found, rest = text.rpartition("://")
    scheme = scheme.lower() if found else "https"
    try:
        parts = urlsplit(f"//{rest}")
        name, port = (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme, 0)
    except ValueError:
        name, port = "", 0
    bare = name.removeprefix("*.")
    if scheme not in _PORTS or not bare or "*" in bare or parts.path or parts.query or parts.username is not None:
        raise OptionError("service.webhook_setting", variable=HOSTS, value=text)
    return _Host(scheme, name, port)


def _parse_network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise OptionError("service.webhook_setting", variable=NETWORKS, value=text) from None
