"""Reads the body of a request: bounded, gzipped or not, with a length or chunked."""

import zlib
from collections.abc import Iterator
from typing import Protocol

from django.http import HttpRequest

from frontdesk.core.http.errors import ApiError

MAX_BODY = 16 * 1024 * 1024
"""Bytes, both as received and after decompression."""

_CHUNK = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_body(request: HttpRequest, max_bytes: int = MAX_BODY) -> bytes:
    """The whole body, decompressed.

    Raises ApiError: 411 without a length, 413 if it is larger than `max_bytes`, 415 for an encoding
    other than gzip, 400 if it is incomplete or does not match its encoding.
    """
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        message = f"Content-Encoding “{encoding[:40]}” is not supported; send gzip or none."
        accepted = {"Accept-Encoding": "gzip, identity"}
        raise ApiError(415, "unsupported_encoding", message, "Content-Encoding", accepted)
    chunks = _chunks(request.META["wsgi.input"], _length(request, max_bytes))
    return _bounded(_gunzip(chunks, max_bytes) if encoding.endswith("gzip") else chunks, max_bytes)


def _length(request: HttpRequest, max_bytes: int) -> int | None:
    """How many bytes to read; None for a chunked body, whose end the server marks.

    Django treats a body without a length as empty, so it is read from the server here. Without a
    marked end, reading would wait forever.
    """
    header = request.META.get("CONTENT_LENGTH") or ""
    if header:
        if not header.isdecimal():
            raise ApiError(400, "bad_body", "Content-Length is not a number.", "Content-Length")
        length = int(header)
        if length > max_bytes:
            raise _too_large(max_bytes)
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


def _bounded(chunks: Iterator[bytes], max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(body)


def _gunzip(chunks: Iterator[bytes], max_bytes: int) -> Iterator[bytes]:
    """Decompress piece by piece, so that a small body cannot expand without bound."""
    arrived, member = 0, zlib.decompressobj(_GZIP)
    try:
        for chunk in chunks:
            arrived += len(chunk)
            if arrived > max_bytes:
                raise _too_large(max_bytes)
            rest = chunk
            while rest:
                if member.eof:  # gzip data may have several members
                    member = zlib.decompressobj(_GZIP)
                yield member.decompress(rest, _CHUNK)
                rest = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error as error:
        raise ApiError(400, "bad_gzip", f"The body is not gzip: {error}.") from None
    if not member.eof:
        raise ApiError(400, "bad_gzip", "The gzip body is incomplete.")


def _too_large(max_bytes: int) -> ApiError:
    message = f"The body is larger than {max_bytes // 2**20} MB; send it in parts."
    return ApiError(413, "too_large", message)


def _cut_short(done: int, length: int | None) -> ApiError:
    expected = f" of {length:,}" if length is not None else ""
    return ApiError(400, "bad_body", f"The body ended after {done:,}{expected} bytes.")
