"""Keep the desk from being sent to places inside its own network.

A webhook's address is typed by a person and resolved by somebody's name server. Both may point
at a machine that trusts ours: a router, a database, the metadata service of a cloud. So the name
is resolved here, every answer is checked, and the connection goes to the address that was
checked, not to whatever the name means a moment later.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

Resolver = Callable[[str, int], Awaitable[list[str]]]
"""Turns a host and a port into addresses."""


class UnsafeAddressError(Exception):
    """An address that must not be called. The message names the host and never the path."""


class UnknownHostError(Exception):
    """A name that cannot be resolved now."""


@dataclass(frozen=True, slots=True)
class SafeAddress:
    """Where to connect, and under which name."""

    url: SplitResult
    ip: IpAddress
    port: int

    @property
    def host(self) -> str:
        """The name in the certificate and in the Host header."""
        return self.url.hostname or ""


async def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise UnknownHostError(f"{host} cannot be resolved: {error.strerror}") from error
    return [str(entry[4][0]) for entry in found]


def check_url(address: str, *, allow_private: bool) -> SplitResult:
    """Return the parts of an address whose form is safe.

    Raises
    ------
    UnsafeAddressError
        Without TLS, with a password in it, or without a host.
    """
    try:
        url = urlsplit(address)
        port = url.port
    except ValueError as error:
        raise UnsafeAddressError("the address cannot be read as a URL") from error
    if url.scheme != "https" and not (allow_private and url.scheme == "http"):
        raise UnsafeAddressError(f"it begins with {url.scheme!r}; only https is called")
    if url.username or url.password:
        raise UnsafeAddressError("it holds a user name or password; use the signature instead")
    if not url.hostname or port == 0:
        raise UnsafeAddressError("it names no host")
    return url


async def safe_address(
    address: str, *, allow_private: bool = False, resolver: Resolver = resolve
) -> SafeAddress:
    """Resolve an address and return where it is safe to connect.

    Parameters
    ----------
    address
        What the operator wrote.
    allow_private
        Let it be on our own network, and without TLS. For an operator's own receiver.
    resolver
        Asked once.

    Raises
    ------
    UnsafeAddressError
        If any of the host's addresses is not on the public internet.
    UnknownHostError
        If the name has no address now.
    """
    url = check_url(address, allow_private=allow_private)
    host = url.hostname or ""
    port = url.port or (443 if url.scheme == "https" else 80)
    found = [ipaddress.ip_address(text.partition("%")[0]) for text in await resolver(host, port)]
    if not found:
        raise UnknownHostError(f"{host} has no address")
    inside = [ip for ip in found if not is_public(ip)]
    if inside and not allow_private:
        raise UnsafeAddressError(f"{host} is at {inside[0]}, which is not on the public internet")
    return SafeAddress(url, found[0], port)


def is_public(ip: IpAddress) -> bool:
    """Whether an address is on the public internet, whatever it is wrapped in."""
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(inner)
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return ip.is_global and not ip.is_multicast
