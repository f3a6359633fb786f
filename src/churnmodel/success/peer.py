"""May this process connect there? (the address is checked at the moment of connecting, whoever connects)

A name can be checked and then answer otherwise, a URL can be read in two ways, a server can redirect. So not the
URL is asked but the connection: while a guard stands, Python's audit event ``socket.connect`` is refused for
every address that is not on the public internet, unless the name that was looked up is allowed in the settings.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

_NAT64 = IPv6Network("64:ff9b::/96")


class PeerRefusedError(OSError):
    """A connection that may not be; an OSError, so that whoever connects takes it for a failed connection."""


@dataclass
class Guard:
    """Names that are allowed and where they led when it was put up; what was refused, in words without a URL."""

    allowed: frozenset[str]
    addresses: frozenset[str]
    refused: list[str] = field(default_factory=list)
    looked_up: str = ""


_ONE = threading.Lock()
_standing: Guard | None = None
_hooked = False


@contextmanager
def guarded(allow_hosts: Sequence[str] = ()) -> Iterator[Guard]:
    """Inside, no thread of this process reaches a private address, but under a name in `allow_hosts`."""
    global _standing, _hooked
    with _ONE:
        if not _hooked:  # an audit hook stays for ever; without a guard it looks the other way
            sys.addaudithook(_audit)
            _hooked = True
        names = frozenset(host.lower().rstrip(".") for host in allow_hosts)
        guard = Guard(names, frozenset(address for name in names for address in _addresses(name)))
        _standing = guard
        try:
            yield guard
        finally:
            _standing = None


def _addresses(name: str) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(name, None)}
    except OSError:  # nobody knows it: nothing is allowed by it
        return set()


def is_public(address: str) -> bool:
    """Whether an address is on the public internet, also one that wears another (IPv4 in IPv6, 6to4, NAT64).

    >>> [is_public(a) for a in ("93.184.215.14", "10.0.0.1", "::ffff:127.0.0.1", "169.254.169.254", "localhost")]
    [True, False, False, False, False]
    """
    try:
        found: IPv4Address | IPv6Address = ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
        if found in _NAT64:
            inner.append(IPv4Address(int(found) & 0xFFFFFFFF))
        if any(one is not None and not is_public(str(one)) for one in inner):
            return False
        if found.ipv4_mapped is not None or found in _NAT64:
            return True
    return found.is_global and not found.is_multicast and not found.is_reserved


def _audit(event: str, args: tuple[Any, ...]) -> None:
    guard = _standing
    if guard is None:
        return
    if event == "socket.getaddrinfo":
        host = args[0].decode("ascii", "replace") if isinstance(args[0], bytes) else str(args[0] or "")
        guard.looked_up = host.lower().rstrip(".")
    elif event == "socket.connect":
        address = args[1]
        where = str(address[0]) if isinstance(address, tuple) and address else "a local socket"
        meant = guard.looked_up in guard.allowed and where in guard.addresses
        if not is_public(where) and not meant:
            what = f"{where} is no address on the public internet"
            guard.refused.append(what)
            raise PeerRefusedError(what)
