"""HTTP to addresses that operators choose: checked, bounded, and closed at once when cancelled."""

import contextlib
import functools
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpcore2
import httpx2

from frontdesk.backends.outgoing import resolve
from frontdesk.backends.question import Cancellation

CONNECT_SECONDS = 10.0
LONGEST_SECONDS = 600.0
"""How long one exchange may take, even if data keeps arriving."""
MAX_BYTES = 64 * 1024 * 1024
"""What one exchange may receive: a model's longest answer in chunks of a few hundred bytes."""

_SocketOptions = Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray] | Any]


def client(
    timeout: float, *, cancellation: Cancellation | None = None, max_bytes: int = MAX_BYTES
) -> httpx2.Client:
    """A client for one exchange. `timeout`: seconds of silence after which it gives up.

    Follows no redirects and ignores proxies of the environment. Refuses compressed answers, whose
    size would be checked too late. Raises OutgoingError for a refused address, and otherwise
    httpx2.HTTPError.
    """
    bounds = _Bounds(cancellation or Cancellation(), max_bytes)
    return httpx2.Client(
        transport=_Transport(bounds),
        timeout=httpx2.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS)),
        headers={"Accept-Encoding": "identity", "User-Agent": "Frontdesk"},
        follow_redirects=False,
        trust_env=False,
    )


@dataclass
class _Bounds:
    """The time and bytes that one exchange has left, and its cancellation."""

    cancellation: Cancellation
    bytes_left: int
    deadline: float = field(default_factory=lambda: time.monotonic() + LONGEST_SECONDS)

    def within(self, seconds: float | None) -> float:
        """So many seconds, or what is left if that is less."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the answer takes too long")
        return left if seconds is None else min(seconds, left)

    def count(self, data: bytes) -> bytes:
        self.bytes_left -= len(data)
        if self.bytes_left < 0:
            raise httpcore2.RemoteProtocolError("the answer is too large")
        return data


class _Transport(httpx2.HTTPTransport):
    def __init__(self, bounds: _Bounds) -> None:
        super().__init__(verify=_tls())
        # HTTPTransport takes no network backend, which is what resolves names and connects.
        self._pool = httpcore2.ConnectionPool(ssl_context=_tls(), network_backend=_Network(bounds))

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = super().handle_request(request)
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            response.close()
            raise httpx2.RemoteProtocolError("the answer is compressed, which was not asked for")
        return response


@functools.cache
def _tls() -> ssl.SSLContext:
    """Cached: loading the certificates takes some 20 ms, and each exchange has its own client."""
    return httpx2.create_ssl_context()


class _Network(httpcore2.NetworkBackend):
    """Connects to the checked addresses of a host, one after the other."""

    def __init__(self, bounds: _Bounds) -> None:
        self._bounds = bounds
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _SocketOptions | None = None,
    ) -> httpcore2.NetworkStream:
        failed: Exception = httpcore2.ConnectError(f"{host} cannot be reached")
        for address in resolve(host, port):
            if self._bounds.cancellation.is_cancelled:
                break
            try:
                stream = self._backend.connect_tcp(address, port, self._bounds.within(timeout))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(stream, self._bounds)
        raise failed


class _Stream(httpcore2.NetworkStream):
    """One connection within the bounds. Cancellation wakes the thread waiting for a byte."""

    def __init__(self, stream: httpcore2.NetworkStream, bounds: _Bounds) -> None:
        self._stream = stream
        self._bounds = bounds
        bounds.cancellation.on_cancel(self._shut_down)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._bounds.count(self._stream.read(max_bytes, self._bounds.within(timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._bounds.within(timeout))

    def close(self) -> None:
        self._bounds.cancellation.on_cancel(None)
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._bounds.within(timeout))
        return _Stream(stream, self._bounds)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _shut_down(self) -> None:
        # Closing would not wake a thread in recv(). The socket may be closed already.
        with contextlib.suppress(OSError):
            self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
