"""An operator's own agent, asked over HTTP. The contract is in docs/http-agents.md."""

import datetime as dt
import json
import time
import uuid
from collections.abc import Generator, Iterable
from typing import Any

import httpx2
from django.utils.translation import gettext as _

from frontdesk.backends import failures, signing
from frontdesk.backends.models import Backend
from frontdesk.backends.question import BackendError, Cancellation, Question, Usage
from frontdesk.backends.sse import read_data
from frontdesk.backends.transport import client
from frontdesk.core.encryption import decrypt

MAX_BYTES = 1024 * 1024
"""Of one answer."""
_HEADERS_BYTES = 64 * 1024
_SHOWN = 300
"""Characters of the agent's error message that operators see."""
_COUNTS = ("inputTokens", "outputTokens", "cachedTokens", "cost")


def ask(backend: Backend, question: Question, cancellation: Cancellation) -> Generator[str | Usage]:
    """One attempt at an answer. Raises BackendError."""
    body = _body(question)
    headers = {
        "Content-Type": "application/json",
        "Accept": "text/event-stream, application/json",
        **_signature(backend, question, body),
    }
    maximum = MAX_BYTES + _HEADERS_BYTES
    with client(backend.timeout, cancellation=cancellation, max_bytes=maximum) as http:
        try:
            with http.stream("POST", backend.url, content=body, headers=headers) as response:
                yield from _read(response)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise failures.of_exception(error, backend.timeout) from None


def message_id(question: Question) -> str:
    """The webhook-id: the same for every request about this message."""
    asker = question.asker
    return f"msg_{uuid.uuid5(asker.id, question.message_id).hex}"


def _signature(backend: Backend, question: Question, body: bytes) -> dict[str, str]:
    try:
        secret = decrypt(backend.secret)
        return signing.headers(secret, message_id(question), int(time.time()), body)
    except ValueError:  # missing, or encrypted with another secret key
        raise BackendError(_("the signing secret cannot be used; renew it")) from None


def _body(question: Question) -> bytes:
    asker = question.asker
    body = {
        "agent": {"id": str(question.agent.id), "name": question.agent.name},
        "user": {
            "id": str(asker.id),
            "platform": asker.platform,
            "externalId": asker.external_id,
            "name": asker.name,
            "username": asker.username,
            "email": asker.email,
            "language": asker.language,
            "plan": asker.plan,
            "tags": list(asker.tags),
            "attributes": asker.attributes,
            "verified": asker.verified,
        },
        "session": {"id": question.session},
        "message": {
            "id": question.message_id,
            "text": question.text,
            "time": _iso(question.time),
        },
        "history": [
            {"role": turn.role, "text": turn.text, "time": _iso(turn.time)}
            for turn in question.history
        ],
    }
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def _iso(time_: dt.datetime) -> str:
    return time_.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _read(response: httpx2.Response) -> Generator[str | Usage]:
    if not response.is_success:
        raise failures.of_status(response.status_code, response.headers)
    kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if kind == "text/event-stream":
        yield from _read_events(response.iter_raw())
    elif kind == "application/json":
        yield from _read_whole(_object(response.read()))
    else:
        raise BackendError(_("the answer is neither application/json nor text/event-stream"))


def _read_whole(answer: dict[str, Any]) -> Generator[str | Usage]:
    _check_error(answer)
    if not answer.get("text"):
        raise BackendError(_("the answer has no “text”"))
    yield _text(answer, "text")
    yield _usage(answer)


def _read_events(chunks: Iterable[bytes]) -> Generator[str | Usage]:
    """Pieces until {"done": true} or [DONE]: a stream that ends without either was cut off."""
    for data in read_data(chunks):
        if data.strip() == b"[DONE]":
            return
        event = _object(data)
        _check_error(event)
        if event.get("delta") is not None:
            yield _text(event, "delta")
        if event.get("usage") is not None:
            if not isinstance(event["usage"], dict):
                raise BackendError(_("“usage” has to be an object"))
            yield _usage(event["usage"])
        if event.get("done") is True:
            return
    raise BackendError(_("the stream broke off before its end"), may_retry=True)


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise BackendError(_("the answer is not valid JSON")) from None
    if not isinstance(value, dict):
        raise BackendError(_("the answer has to be a JSON object"))
    return value


def _check_error(answer: dict[str, Any]) -> None:
    error = answer.get("error")
    if error is None:
        return
    text = error if isinstance(error, str) else ""
    if not text:
        raise BackendError(_("the agent reported an error"))
    raise BackendError(_("the agent reported: %(error)s") % {"error": text[:_SHOWN]})


def _text(answer: dict[str, Any], key: str) -> str:
    text = answer[key]
    if not isinstance(text, str):
        raise BackendError(_("“%(key)s” has to be a text") % {"key": key})
    return text


def _usage(answer: dict[str, Any]) -> Usage:
    model = answer.get("model") or ""
    if not isinstance(model, str):
        raise BackendError(_("“model” has to be a text"))
    input_tokens, output_tokens, cached, cost = (_whole(answer, key) for key in _COUNTS)
    return Usage(model, input_tokens, output_tokens, cached, cost)


def _whole(answer: dict[str, Any], key: str) -> int | None:
    value = answer.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BackendError(_("“%(key)s” has to be a whole number") % {"key": key})
    return value
