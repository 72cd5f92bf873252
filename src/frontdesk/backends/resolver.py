"""The check of `outgoing` for aiohttp, and so for aiogram."""

import asyncio
import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from frontdesk.backends.outgoing import OutgoingError, screen


class GuardedResolver(AbstractResolver):
    """Resolves only hosts that may be requested; aiohttp connects to the addresses it returns.

    aiohttp uses no resolver for a host that is an IP address: call `check_url` first.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises OutgoingError."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        except (OSError, UnicodeError):
            raise OutgoingError(f"{host} cannot be found") from None
        families = {str(entry[4][0]): entry[0] for entry in found}
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=families[address],
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in screen(host, port, list(families))
        ]

    async def close(self) -> None:
        """Nothing to close."""
