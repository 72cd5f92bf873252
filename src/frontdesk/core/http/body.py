"""Reads the body of a request: bounded, gzip or not, with a length or in chunks."""

import zlib
from collections.abc import Iterator
from typing import Protocol

from django.http import HttpRequest

from frontdesk.core.http.errors import ApiError

MAX_BODY = 16 * 1024 * 1024
"""Bytes, both as they arrive and after decompression."""

_CHUNK = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_body(request: HttpRequest, most: int = MAX_BODY) -> bytes:
    """The whole body, decompressed; `most` are the bytes it may have.

    Raises ApiError: 411 when its end could not be known, 413 when it is too large, 415 for another
    encoding than gzip, 400 when it is cut short or is not what the encoding says.
    """
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        message = f"Content-Encoding “{encoding[:40]}” is not understood; send gzip or none."
        accepted = {"Accept-Encoding": "gzip, identity"}
        raise ApiError(415, "unsupported_encoding", message, "Content-Encoding", accepted)
    chunks = _chunks(request.META["wsgi.input"], _length(request, most))
    return _bounded(_gunzip(chunks, most) if encoding.endswith("gzip") else chunks, most)


def _length(request: HttpRequest, most: int) -> int | None:
    """How many bytes to read; None for a body in chunks, which ends where the server says.

    Django reads a body without a length as empty, so it is read from the server here. A server
    that does not mark its end would let us wait for ever.
    """
    given = request.META.get("CONTENT_LENGTH") or ""
    if given:
        if not given.isdecimal():
            raise ApiError(400, "bad_body", "Content-Length is not a number.", "Content-Length")
        length = int(given)
        if length > most:
            raise _too_large(most)
        return length
    if request.META.get("wsgi.input_terminated"):
        return None
    raise ApiError(411, "length_required", "Send a Content-Length.", "Content-Length")


def _chunks(stream: _Readable, length: int | None) -> Iterator[bytes]:
    done = 0
    while length is None or done < length:
        try:
            chunk = stream.read(_CHUNK if length is None else min(_CHUNK, length - done))
        except OSError as error:
            raise _cut_short(done, length) from error
        if not chunk:
            break
        done += len(chunk)
        yield chunk
    if length is not None and done < length:
        raise _cut_short(done, length)


def _bounded(chunks: Iterator[bytes], most: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _gunzip(chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
    """Decompress piece by piece, so that a small body cannot become a large one unseen."""
    arrived, member = 0, zlib.decompressobj(_GZIP)
    try:
        for chunk in chunks:
            arrived += len(chunk)
            if arrived > most:
                raise _too_large(most)
            rest = chunk
            while rest:
                if member.eof:  # a gzip file may be several, one after the other
                    member = zlib.decompressobj(_GZIP)
                yield member.decompress(rest, _CHUNK)
                rest = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error as error:
        raise ApiError(400, "bad_gzip", f"The body is not gzip: {error}.") from None
    if not member.eof:
        raise ApiError(400, "bad_gzip", "The gzip body ends before its end.")


def _too_large(most: int) -> ApiError:
    message = f"The body is larger than {most // 2**20} MB; send less at once."
    return ApiError(413, "too_large", message)


def _cut_short(done: int, length: int | None) -> ApiError:
    said = f" of {length:,}" if length is not None else ""
    return ApiError(400, "bad_body", f"The body ended after {done:,}{said} bytes.")
