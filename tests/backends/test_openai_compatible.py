"""A model behind an OpenAI-compatible API, called by the real library over HTTP."""

import datetime as dt
import json
import threading
import time

import pytest
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.backends import answering, openai_compatible
from frontdesk.backends.models import Backend
from frontdesk.backends.question import BackendError, Cancellation, CancelledError, Turn, Usage
from tests.backends.asking import ask, make_question
from tests.factories import BACKEND_KEY, make_backend
from tests.fakes.http_server import FakeServer, Reply
from tests.fakes.openai import OpenAIServer

pytestmark = pytest.mark.django_db

EVENTS = "text/event-stream"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "PAUSES", (0.01, 0.02))
    openai_compatible._dialects.clear()


@pytest.fixture
def backend(agent: Agent, openai_server: OpenAIServer) -> Backend:
    return make_backend(agent, "openai", url=openai_server.url, model="gpt-4o-mini")


def failure(backend: Backend, text: str) -> str:
    with pytest.raises(BackendError) as raised:
        ask(backend, text)
    message = str(raised.value)
    assert BACKEND_KEY not in message
    assert text not in message
    return message


def test_the_answer_comes_in_pieces_with_its_usage(
    backend: Backend, openai_server: OpenAIServer
) -> None:
    openai_server.say("hello", "Good morning, how can I help you today?", chunkSize=5)
    question = make_question(backend, "hello")
    pieces = list(answering.stream(backend, question, Cancellation()))
    texts = [piece for piece in pieces if isinstance(piece, str)]
    assert len(texts) > 3
    assert "".join(texts) == "Good morning, how can I help you today?"
    usage = pieces[-1]
    assert isinstance(usage, Usage)
    assert usage.model.startswith("gpt-4o-mini")
    assert usage.input_tokens
    assert usage.output_tokens
    assert usage.cost is None  # left to the price list


def test_the_model_receives_the_system_prompt_the_history_and_the_parameters(
    backend: Backend, openai_server: OpenAIServer
) -> None:
    openai_server.say("and now?", "Now.")
    backend.system_prompt = "Be brief."
    backend.temperature = 0.5
    backend.max_tokens = 99
    at = timezone.now() - dt.timedelta(minutes=1)
    ask(backend, "and now?", history=[Turn("user", "hi", at), Turn("agent", "hello", at)])
    (entry,) = openai_server.journal()
    body = entry["body"]
    assert [(m["role"], m["content"]) for m in body["messages"]] == [
        ("system", "Be brief."),
        ("user", "hi"),
        ("assistant", "hello"),
        ("user", "and now?"),
    ]
    assert (body["temperature"], body["max_tokens"], body["stream"]) == (0.5, 99, True)
    assert body["stream_options"] == {"include_usage": True}


def test_failures_before_the_first_word_are_retried(
    backend: Backend, openai_server: OpenAIServer
) -> None:
    down = {"error": {"message": f"{BACKEND_KEY} flaky", "type": "server_error"}, "status": 500}
    for attempt in range(2):
        openai_server.expect("flaky", down, match={"sequenceIndex": attempt})
    openai_server.say("flaky", "There you are.")
    assert ask(backend, "flaky")[0] == "There you are."
    assert len(openai_server.requests()) == 3


def test_a_server_that_stays_down_is_reported_with_its_status(
    backend: Backend, openai_server: OpenAIServer
) -> None:
    down = {"error": {"message": f"{BACKEND_KEY} said down", "type": "server_error"}, "status": 500}
    openai_server.expect("down", down)
    assert failure(backend, "down") == "500: the server failed (server_error): … said …"
    assert len(openai_server.requests()) == 3


@pytest.mark.parametrize(("after", "requests"), [(1, 2), (60, 1)])
def test_a_rate_limit_is_waited_for_when_it_is_short(
    backend: Backend, openai_server: OpenAIServer, after: int, requests: int
) -> None:
    error = {"message": "slow down", "code": "rate_limit_exceeded"}
    refused = {"error": error, "status": 429, "retryAfter": after}
    openai_server.expect("often", refused, match={"sequenceIndex": 0})
    openai_server.say("often", "Here.")
    started = time.monotonic()
    if after > answering.LONGEST_PAUSE:
        assert failure(backend, "often") == (
            "429: rate limit reached (rate_limit_exceeded): slow down"
        )
    else:
        assert ask(backend, "often")[0] == "Here."
        assert time.monotonic() - started >= after
    assert len(openai_server.requests()) == requests


def test_a_wrong_key_is_reported_without_it_and_not_retried(
    backend: Backend, openai_server: OpenAIServer
) -> None:
    error = {
        "message": f"Incorrect API key: {BACKEND_KEY}",
        "code": BACKEND_KEY,
        "type": "invalid_request_error",
    }
    openai_server.expect("my secret", {"error": error, "status": 401})
    assert failure(backend, "my secret").startswith("401: the key was refused")
    assert len(openai_server.requests()) == 1


def test_a_stream_that_breaks_off_is_a_failure_and_not_retried(
    backend: Backend, openai_server: OpenAIServer
) -> None:
    openai_server.say(
        "cut", "This will be cut short.", chunkSize=4, truncateAfterChunks=3, latency=50
    )
    question = make_question(backend, "cut")
    said: list[str | Usage] = []
    with pytest.raises(BackendError, match="broke"):
        said.extend(answering.stream(backend, question, Cancellation()))
    assert any(isinstance(piece, str) for piece in said)
    assert len(openai_server.requests()) == 1


def test_silence_longer_than_the_timeout_is_a_failure(
    backend: Backend, openai_server: OpenAIServer
) -> None:
    openai_server.say("slow", "So slow.", latency=3000)
    backend.timeout = 1
    assert failure(backend, "slow") == "nothing arrived for 1 seconds"


def test_cancelling_wakes_a_reader_of_the_next_word(
    backend: Backend, openai_server: OpenAIServer
) -> None:
    openai_server.say("slow", "Too slow to wait for.", latency=4000, chunkSize=3)
    cancellation = Cancellation()
    timer = threading.Timer(0.5, cancellation.cancel)
    timer.start()
    started = time.monotonic()
    with pytest.raises(CancelledError):
        ask(backend, "slow", cancellation=cancellation)
    assert time.monotonic() - started < 1.5


def test_a_tool_call_is_a_failure_that_says_so(
    backend: Backend, openai_server: OpenAIServer
) -> None:
    call = {"name": "weather", "arguments": {"city": "Rome"}}
    openai_server.expect("weather", {"toolCalls": [call]})
    assert "call a tool" in failure(backend, "weather")


@pytest.mark.parametrize(
    ("header", "key", "sent"),
    [
        ("authorization", BACKEND_KEY, {"authorization": f"Bearer {BACKEND_KEY}"}),
        ("api-key", BACKEND_KEY, {"api-key": BACKEND_KEY}),
        ("authorization", "", {}),
    ],
)
def test_the_key_is_sent_as_the_server_wants_it(
    agent: Agent, allow_internal: None, header: str, key: str, sent: dict[str, str]
) -> None:
    with FakeServer(stream_of("Hi.")) as listener:
        url = f"{listener.url}/openai?api-version=2026-01-01"
        ask(make_backend(agent, "openai", url=url, key=key, key_header=header), "hi")
    (request,) = listener.requests
    assert request.path == "/openai/chat/completions?api-version=2026-01-01"
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert {k: v for k, v in headers.items() if k in ("authorization", "api-key")} == sent


@pytest.mark.parametrize(
    ("refusal", "changed"),
    [
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_tokens"),
        ("body.stream_options: Extra inputs are not permitted", "stream_options"),
        ("Unsupported value: 'temperature' does not support 0.5", "temperature"),
    ],
)
def test_a_parameter_that_the_server_refuses_is_left_out_from_then_on(
    agent: Agent, allow_internal: None, refusal: str, changed: str
) -> None:
    refused = Reply([json.dumps({"error": {"message": refusal}}).encode()], status=400)
    with FakeServer(refused, stream_of("Hi.")) as listener:
        backend = make_backend(
            agent, "openai", url=listener.url, model="m", temperature=0.5, max_tokens=9
        )
        for _ in range(2):
            assert ask(backend, "hi")[0] == "Hi."
    first, second, third = (json.loads(request.body) for request in listener.requests)
    assert changed in first
    assert changed not in second
    assert second == third
    assert second.get("max_completion_tokens") == (9 if changed == "max_tokens" else None)


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply([b"<html>"], type="text/html"), "text/html came in place of a stream"),
        (Reply([b"data: {}}\n\n"], type=EVENTS), "cannot be read"),
        (Reply([b"data: 5\n\n"], type=EVENTS), "before its end"),
        (
            Reply([b'data: {"choices": "no"}\n\n'], type=EVENTS),
            "cannot be read",
        ),
        (
            Reply([b'data: {"error": {"message": "hi", "code": "busy"}}\n\n'], type=EVENTS),
            r"broke off with an error \(busy\)",
        ),
        (Reply([b'data: {"choices": []}\n\ndata: [DONE]\n\n'], type=EVENTS), "before its end"),
        (Reply(status=302, headers={"Location": "http://10.0.0.1/"}), "another address"),
        (Reply([b"x"], headers={"Content-Encoding": "gzip"}), "compressed"),
    ],
)
def test_garbage_is_a_failure_that_shows_what_was_received(
    agent: Agent, allow_internal: None, reply: Reply, problem: str
) -> None:
    with FakeServer(reply) as listener:
        backend = make_backend(agent, "openai", url=listener.url, model="m")
        with pytest.raises(BackendError, match=problem):
            ask(backend, "what now")


@pytest.mark.parametrize(
    ("reason", "problem"),
    [
        ("content_filter", "content filter"),
        ("length", "raise Max tokens"),
        ("stop", "answer was empty"),
    ],
)
def test_an_empty_answer_is_a_failure_with_a_reason(
    agent: Agent, allow_internal: None, reason: str, problem: str
) -> None:
    with FakeServer(stream_of("", reason)) as listener:
        backend = make_backend(agent, "openai", url=listener.url, model="m")
        with pytest.raises(BackendError, match=problem):
            ask(backend, "hi")


def test_an_internal_address_is_refused_with_the_setting_that_allows_it(agent: Agent) -> None:
    backend = make_backend(agent, "openai", url="http://127.0.0.1:9/v1", model="m")
    with pytest.raises(BackendError, match=r"FRONTDESK_INTERNAL_HOSTS=127\.0\.0\.1:9"):
        ask(backend, "hi")


def stream_of(text: str, reason: str = "stop") -> Reply:
    chunk = {"model": "m-1", "choices": [{"delta": {"content": text}, "finish_reason": reason}]}
    usage = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}
    lines = [b"data: %s\n\n" % json.dumps(each).encode() for each in (chunk, usage)]
    return Reply([*lines, b"data: [DONE]\n\n"], type=EVENTS)


def priced(agent: Agent, usage: dict[str, object], header: str | None = None) -> int | None:
    """The cost of an answer whose gateway reports this usage and this header."""
    chunks = [
        {"choices": [{"delta": {"content": "Hi."}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 1, **usage}},
    ]
    body = [f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks]
    headers = {} if header is None else {openai_compatible.COST_HEADER: header}
    with FakeServer(Reply(body, type=EVENTS, headers=headers)) as listener:
        backend = make_backend(agent, "openai", url=listener.url, model="m")
        return ask(backend, "hi")[1].cost


@pytest.mark.parametrize(
    ("usage", "header", "cost"),
    [
        ({"cost": 0.00123}, None, 1230),
        ({"cost": "0.5"}, None, 500_000),
        ({"cost": 0}, None, 0),
        ({"cost": 1}, "0.25", 1_000_000),
        ({}, "0.00025", 250),
        ({}, "2.5e-06", 2),
        ({}, "0.0", None),
        ({"cost": None}, "", None),
        ({"cost": -1}, "-1", None),
        ({"cost": True}, "nan", None),
        ({"cost": [1]}, "Infinity", None),
        ({"cost": {}}, "1e999999999", None),
        ({"cost": "1e-999999999"}, None, 0),
        ({"cost": "free"}, "much", None),
    ],
)
def test_a_gateways_own_cost_is_used(
    agent: Agent,
    allow_internal: None,
    usage: dict[str, object],
    header: str | None,
    cost: int | None,
) -> None:
    assert priced(agent, usage, header) == cost


@pytest.mark.parametrize("form", ["error", "detail"])
def test_a_gateways_sentence_reaches_the_operator(
    agent: Agent, allow_internal: None, form: str
) -> None:
    sentence = f"No deployments for key {BACKEND_KEY}, asked: what now"
    body = {"detail": sentence} if form == "detail" else {"error": {"message": sentence}}
    with FakeServer(Reply([json.dumps(body).encode()], status=400)) as listener:
        backend = make_backend(agent, "openai", url=listener.url, model="m")
        assert failure(backend, "what now") == (
            "400: the request was refused: No deployments for key …, asked: …"
        )
