"""Which addresses may be requested for an operator: none inside this network, unless allowed.

Operators choose the addresses of backends and Telegram API servers, and see what these answer, so
an address inside this network would let them past the firewall. `transport.client` and
`resolver.GuardedResolver` check again when they connect, and check the very address that they
connect to: a host name may resolve to another address by then.
"""

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

_PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_METADATA = tuple(map(ipaddress.IPv4Network, ("168.63.129.16/32", "192.0.0.0/24")))
"""Addresses that look public but belong to the host: in Azure, and in Oracle's cloud."""


class OutgoingError(OSError):
    """An address that may not be requested or cannot be found; the text is for operators."""


def check_url(url: str) -> None:
    """Raises OutgoingError unless an operator's URL may be requested at this moment."""
    parts, port = _split(url)
    resolve(parts.hostname or "", port)


def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of a host, in the order to try them.

    Raises OutgoingError if there are none, or if one is internal and the host is not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise OutgoingError(f"{host} cannot be found") from None
    return screen(host, port, [str(entry[4][0]) for entry in found])


def screen(host: str, port: int, addresses: list[str]) -> list[str]:
    """The addresses of a host without duplicates. Raises like `resolve`."""
    if not is_allowed(host, port) and not all(map(is_public, addresses)):
        shown = f"[{host}]" if ":" in host else host
        raise OutgoingError(
            f"{host} is an internal address; FRONTDESK_INTERNAL_HOSTS={shown}:{port} would allow it"
        )
    return list(dict.fromkeys(addresses))


def is_allowed(host: str, port: int) -> bool:
    """Whether the installation allows requests to this host at any address."""
    name = host.lower().rstrip(".")
    shown = f"[{name}]" if ":" in name else name
    entries = {entry.strip().lower() for entry in settings.ENV.internal_hosts.split(",")}
    return bool(entries & {"*", name, shown, f"{shown}:{port}"})


def is_public(address: str) -> bool:
    """Whether an IP address, or the IPv4 address embedded in it, is on the public internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        is_host = any(ip in network for network in _METADATA)
        return ip.is_global and not ip.is_multicast and not is_host
    embedded = _embedded(ip)
    if embedded is not None:
        return is_public(str(embedded))
    return ip in _GLOBAL_UNICAST and ip.is_global


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that this one embeds: mapped, 6to4, NAT64, or IPv4-compatible."""
    if ip in _NAT64 or ip in _COMPATIBLE:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _split(url: str) -> tuple[SplitResult, int]:
    if _UNSAFE.search(url):
        raise OutgoingError("an address cannot have spaces, control characters or backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise OutgoingError(f"this is not an address: {error}") from None
    if parts.scheme not in _PORTS:
        raise OutgoingError("an address starts with https:// or http://")
    if "@" in parts.netloc:
        raise OutgoingError("an address cannot have a user name or password")
    if not parts.hostname or port == 0:
        raise OutgoingError("the address has no host, or an invalid port")
    return parts, port or _PORTS[parts.scheme]
