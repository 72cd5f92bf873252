"""A model behind an API like OpenAI's chat completions.

OpenAI itself, Azure-style gateways, Ollama, vLLM, LiteLLM and many more offer it, each with its own
gaps. `Dialect` remembers which parameters a server does not accept.
"""

import re
from collections.abc import Generator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import openai
from django.utils.translation import gettext as _

from frontdesk.backends import failures
from frontdesk.backends.models import Backend
from frontdesk.backends.question import BackendError, Cancellation, Question, Usage
from frontdesk.backends.transport import client
from frontdesk.core.encryption import EncryptionError, decrypt
from frontdesk.ledger.events import MAX_COST

COST_HEADER = "x-litellm-response-cost"
_MAX_DIGITS = 40
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,59}")
_UNSUPPORTED = re.compile("support|deprecat|permit|extra|unrecognized|unknown|unexpected", re.I)


Chunks = openai.Stream[object]


@dataclass(frozen=True)
class Dialect:
    """Which parameters a server accepts for a model."""

    has_usage_option: bool = True
    has_temperature: bool = True
    tokens_parameter: str = "max_tokens"

    def without(self, error: openai.APIStatusError, sent: dict[str, Any]) -> "Dialect | None":
        """The dialect to try after this error; None if the error is about something else."""
        said = str(error)
        if "max_completion_tokens" in said and "max_tokens" in sent:
            return replace(self, tokens_parameter="max_completion_tokens")
        if "stream_options" in said and "stream_options" in sent:
            return replace(self, has_usage_option=False)
        if "temperature" in said and "temperature" in sent and _UNSUPPORTED.search(said):
            return replace(self, has_temperature=False)
        return None


_dialects: dict[tuple[str, str], Dialect] = {}
"""By URL and model, for as long as the process lives."""


def ask(backend: Backend, question: Question, cancellation: Cancellation) -> Generator[str | Usage]:
    """One attempt at an answer. Raises BackendError."""
    key = _key_of(backend)
    with client(backend.timeout, cancellation=cancellation) as http:
        try:
            headers = _headers(backend, key)
            chunks = _open_stream(_api(backend, key, http), backend, question, headers)
            yield from _read(chunks, backend)
        except openai.APIStatusError as error:
            raise _failure(error, key, question) from None
        except (openai.APIConnectionError, httpx2.HTTPError, OSError) as error:
            raise failures.of_exception(error, backend.timeout) from None
        except openai.APIError as error:  # an error in the middle of the stream
            detail = _code_of(error, key)
            text = _("the server broke off with an error")
            text = f"{text} ({detail})" if detail else text
            if sentence := _said(error, key, question):
                text = f"{text}: {sentence}"
            raise BackendError(text, may_retry=True) from None
        except (openai.OpenAIError, ValueError) as error:
            text = _("the server’s answer cannot be read (%(error)s)")
            raise BackendError(text % {"error": type(error).__name__}) from None


def _key_of(backend: Backend) -> str:
    try:
        return decrypt(backend.secret)
    except EncryptionError as error:
        raise BackendError(_("the key cannot be used: %(error)s") % {"error": error}) from None


def _api(backend: Backend, key: str, http: httpx2.Client) -> openai.OpenAI:
    parts = urlsplit(backend.url)
    return openai.OpenAI(
        api_key=key or "none",
        base_url=parts._replace(query="", fragment="").geturl(),
        default_query=dict(parse_qsl(parts.query)),
        http_client=http,
        max_retries=0,
        timeout=http.timeout,
    )


def _headers(backend: Backend, key: str) -> dict[str, Any]:
    omit = openai.Omit()
    # The environment may have these for OpenAI's own servers; they must not reach this one.
    headers: dict[str, Any] = {"OpenAI-Organization": omit, "OpenAI-Project": omit}
    if not key or backend.key_header == Backend.KeyHeader.API_KEY:
        headers["Authorization"] = omit
    if key and backend.key_header == Backend.KeyHeader.API_KEY:
        headers["api-key"] = key
    return headers


def _open_stream(
    api: openai.OpenAI, backend: Backend, question: Question, headers: dict[str, Any]
) -> Chunks:
    """The stream of the answer, requested in this server's dialect."""
    target = (backend.url, backend.model)
    for _attempt in range(4):  # a dialect has three differences
        dialect = _dialects.get(target, Dialect())
        sent = _parameters(backend, question, dialect)
        try:
            return api.post(
                "/chat/completions",
                # Not the library's types: converting each chunk to them takes longer than all other
                # work on it, and servers are less strict than the types.
                cast_to=object,
                stream_cls=Chunks,
                body=sent,
                options={"headers": headers},
                stream=True,
            )
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            other = dialect.without(error, sent)
            if other is None:
                raise
            _dialects[target] = other
    raise BackendError(_("400: the server refuses one parameter after another"))


def _parameters(backend: Backend, question: Question, dialect: Dialect) -> dict[str, Any]:
    messages = _messages(backend, question)
    sent: dict[str, Any] = {"model": backend.model, "messages": messages, "stream": True}
    if dialect.has_usage_option:
        sent["stream_options"] = {"include_usage": True}
    if backend.temperature is not None and dialect.has_temperature:
        sent["temperature"] = backend.temperature
    if backend.max_tokens is not None:
        sent[dialect.tokens_parameter] = backend.max_tokens
    return sent


def _messages(backend: Backend, question: Question) -> list[dict[str, str]]:
    messages = []
    if backend.system_prompt:
        messages.append({"role": "system", "content": backend.system_prompt})
    for turn in question.history:
        role = "user" if turn.role == "user" else "assistant"
        messages.append({"role": role, "content": turn.text})
    return [*messages, {"role": "user", "content": question.text}]


@dataclass
class _StreamState:
    """What is known about the answer so far."""

    model: str
    usage: object = None
    reason: str = ""
    is_complete: bool = False
    header_cost: str = ""
    has_text: bool = False
    has_tools: bool = False
    has_chunks: bool = False

    def add(self, chunk: object) -> str:
        """Note what a chunk contains, and return its text. Any field may have any type."""
        self.has_chunks = True
        choices = _field(chunk, "choices") or []
        if not isinstance(choices, list):
            raise BackendError(_("the server’s answer cannot be read"))
        usage = _field(chunk, "usage")
        self.usage = usage or self.usage
        self.model = _text(_field(chunk, "model")) or self.model
        if not choices:
            # The chunk after the last choice has only the usage.
            self.is_complete |= bool(usage)
            return ""
        delta = _field(choices[0], "delta")
        text = _text(_field(delta, "content")) or _text(_field(delta, "refusal"))
        self.reason = _text(_field(choices[0], "finish_reason")) or self.reason
        self.is_complete |= bool(self.reason)
        self.has_text |= bool(text)
        self.has_tools |= bool(_field(delta, "tool_calls"))
        return text

    def check(self, content_type: str) -> None:
        """Raises BackendError unless the answer is complete and has a text."""
        if not self.has_chunks and "event-stream" not in content_type:
            kind = content_type.split(";")[0].strip()
            if not _is_type(kind):
                raise BackendError(_("no stream came; is the base URL right?"))
            text = _("%(kind)s came in place of a stream; is the base URL right?")
            raise BackendError(text % {"kind": kind})
        if not self.is_complete:
            raise BackendError(_("the stream broke off before its end"), may_retry=True)
        if self.has_text:
            return
        if self.has_tools:
            raise BackendError(_("the model wants to call a tool, and Frontdesk has none"))
        if self.reason == "content_filter":
            raise BackendError(_("the model’s content filter blocked the answer"))
        if self.reason == "length":
            raise BackendError(_("all tokens were used before the first word; raise Max tokens"))
        raise BackendError(_("the model’s answer was empty"))


def _read(chunks: Chunks, backend: Backend) -> Generator[str | Usage]:
    cost = chunks.response.headers.get(COST_HEADER, "")
    state = _StreamState(model=backend.model, header_cost=cost)
    with chunks:
        for chunk in chunks:
            yield state.add(chunk)
    yield _usage_of(state)
    state.check(chunks.response.headers.get("Content-Type", ""))


def _usage_of(state: _StreamState) -> Usage:
    usage = state.usage
    return Usage(
        model=state.model,
        input_tokens=_number(_field(usage, "prompt_tokens")),
        output_tokens=_number(_field(usage, "completion_tokens")),
        cached_tokens=_number(_field(_field(usage, "prompt_tokens_details"), "cached_tokens")),
        cost=_cost_of(state),
    )


def _cost_of(state: _StreamState) -> int | None:
    """Micro-dollars that the gateway charges, in its usage or else in a header of LiteLLM's.

    The header is sent before a stream begins: 0 is not known yet, and not free.
    """
    cost = _dollars(_field(state.usage, "cost"))
    return _dollars(state.header_cost) or None if cost is None else cost


def _dollars(value: object) -> int | None:
    """Micro-dollars of a number of dollars; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if len(text := str(value)) > _MAX_DIGITS:
        return None
    try:
        micro = Decimal(text) * 1_000_000
        return int(micro.to_integral_value(ROUND_HALF_EVEN)) if 0 <= micro <= MAX_COST else None
    except ArithmeticError:  # not a number, or one beyond all numbers
        return None


def _failure(error: openai.APIStatusError, key: str, question: Question) -> BackendError:
    code, sentence = _code_of(error, key), _said(error, key, question)
    failure = failures.of_status(error.status_code, error.response.headers, code, sentence)
    if error.code == "insufficient_quota":
        failure.may_retry = False  # a 429 that waiting does not fix
    return failure


def _said(error: openai.APIError, key: str, question: Question) -> str:
    """The server's own sentence about the error, wherever servers put it."""
    fields = (_field(error.body, name) for name in ("message", "detail", "error"))
    message = next((each for each in fields if isinstance(each, str)), "")
    return failures.said(message, key, [question.text, *(turn.text for turn in question.history)])


def _code_of(error: openai.APIError, key: str) -> str:
    """The API's own error code, such as model_not_found; never a part of the key."""
    for code in (error.code, error.type):
        if isinstance(code, str) and _CODE.fullmatch(code):
            return "" if key and (code in key or key in code) else code
    return ""


def _is_type(content_type: str) -> bool:
    return bool(re.fullmatch(r"[a-z]+/[a-z0-9.+-]{1,40}", content_type))


def _field(value: object, name: str) -> object:
    """The field of this name, if the value is a JSON object that has one."""
    return value.get(name) if isinstance(value, dict) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
