"""An operator's own agent, called over HTTP."""

import base64
import hashlib
import hmac
import json
import re
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.backends import answering, signing
from frontdesk.backends.question import BackendError, Cancellation, CancelledError, Turn, Usage
from tests.backends.asking import ask
from tests.factories import make_backend
from tests.fakes.http_server import FakeServer, Received, Reply

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("allow_internal")]

EVENTS = "text/event-stream"
SECRET = signing.new_secret()
DOCUMENTED = Path(__file__).parents[2] / "docs" / "http-agents.md"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "PAUSES", (0.01, 0.02))


def answer_of(
    agent: Agent, *replies: Reply, path: str = "", **options: Any
) -> tuple[str, Usage, list[Received]]:
    with FakeServer(*replies) as listener:
        fields = {name: options.pop(name) for name in ("timeout", "key") if name in options}
        backend = make_backend(agent, "http", url=listener.url + path, **{"key": SECRET, **fields})
        try:
            text, usage = ask(backend, "Hello!", **options)
        finally:
            backend.delete()
        return text, usage, listener.requests


def whole(**answer: object) -> Reply:
    return Reply([json.dumps(answer).encode()])


def events(*each: object, end: bytes = b"data: [DONE]\n\n") -> Reply:
    return Reply(
        [*(b"data: %s\n\n" % json.dumps(event).encode() for event in each), end], 200, EVENTS
    )


def test_the_agent_receives_the_user_the_message_and_the_history(agent: Agent) -> None:
    at = timezone.now()
    asker = {"platform": "telegram", "external_id": "12345", "name": "Ада", "tags": ["vip"]}
    _, _, (request,) = answer_of(
        agent, whole(text="Hi."), path="/in?a=1", history=[Turn("agent", "Before.", at)], **asker
    )
    body = json.loads(request.body)
    assert request.path == "/in?a=1"
    assert body["agent"] == {"id": str(agent.id), "name": "Ada"}
    assert body["user"]["externalId"] == "12345"
    assert body["user"]["name"] == "Ада"
    assert body["user"]["tags"] == ["vip"]
    assert body["message"]["text"] == "Hello!"
    assert body["message"]["time"].endswith("Z")
    assert [(turn["role"], turn["text"]) for turn in body["history"]] == [("agent", "Before.")]
    documented = re.search(r"```json\n(.*?)```", DOCUMENTED.read_text(), re.S)
    assert documented
    assert keys_of(json.loads(documented[1])) == keys_of(body)


def keys_of(body: dict[str, Any]) -> dict[str, list[str]]:
    return {
        key: list(value if isinstance(value, dict) else value[0]) for key, value in body.items()
    }


def test_the_signature_is_what_standard_webhooks_asks_for(agent: Agent) -> None:
    *_, (request,) = answer_of(agent, whole(text="Hi."))
    headers = {name.lower(): value for name, value in request.headers.items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request.body
    key = base64.b64decode(SECRET.split("_")[1])
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    found: dict[str, Any] = {}
    code = re.search(r"```python\n(.*?)```", DOCUMENTED.read_text(), re.S)
    assert code
    exec(code[1], found)  # noqa: S102  # the example of our own documentation
    assert found["is_genuine"](SECRET, headers, request.body)
    assert not found["is_genuine"](SECRET, headers, request.body + b" ")


def test_the_example_of_the_specification_is_signed_as_it_says() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    made = signing.headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_same_message_keeps_its_webhook_id(agent: Agent) -> None:
    text, _, requests = answer_of(agent, Reply(status=503), whole(text="Hi."))
    first, second = ({k.lower(): v for k, v in r.headers.items()} for r in requests)
    assert text == "Hi."
    assert first["webhook-id"] == second["webhook-id"]


def test_a_whole_answer_comes_with_its_usage(agent: Agent) -> None:
    reply = whole(
        text="Hi.", model="m", inputTokens=10, outputTokens=2, cachedTokens=4, cost=50, more=1
    )
    text, usage, _ = answer_of(agent, reply)
    assert (text, usage) == ("Hi.", Usage("m", 10, 2, 4, 50))


def test_a_stream_comes_piece_by_piece(agent: Agent) -> None:
    reply = Reply(
        [
            b': thinking\r\n\r\ndata: {"delta":',
            b' "Gr\xc3',
            b'\xbc\xc3\x9fe\xe2\x80\xa8"}\r',
            b'\n\r\nid: 1\ndata: {"usage": {"model": "m", "outputTokens": 3}}\n\n',
            b'data: {"delta": "!", "done": true}\n\n',
        ],
        type="Text/Event-Stream; charset=utf-8",
        pause=0.02,
    )
    text, usage, _ = answer_of(agent, reply)
    assert text == "Grüße\u2028!"
    assert (usage.model, usage.output_tokens) == ("m", 3)


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (whole(text=5), "“text” has to be a text"),
        (whole(), "no “text”"),
        (whole(text="x", model=["m"]), "“model” has to be a text"),
        (whole(text="x", inputTokens="many"), "“inputTokens” has to be a whole number"),
        (whole(text="x", cost=True), "“cost” has to be a whole number"),
        (whole(error="no idea"), "the agent reported: no idea"),
        (whole(error={"code": 1}), "the agent reported an error"),
        (Reply([b"[1]"]), "has to be a JSON object"),
        (Reply([b"\xff{"]), "not valid JSON"),
        (Reply([b"[" * 100_000]), "not valid JSON"),
        (Reply([b"Hi."], type="text/html"), "neither application/json nor text/event-stream"),
        (Reply([b" " * 2_000_000]), "too large"),
        (Reply(status=404), "404: nothing exists"),
        (Reply(status=302, headers={"Location": "http://10.0.0.1"}), "another address"),
        (events({"delta": 5}), "“delta” has to be a text"),
        (events({"delta": "x"}, {"usage": 5}), "“usage” has to be an object"),
        (events({"delta": "x"}, {"error": "broken"}), "the agent reported: broken"),
        (events({"delta": "x"}, end=b""), "broke off before its end"),
        (events({"delta": "x"}, end=b"data: [DONE]"), "broke off before its end"),
        (events(end=b"data: not json\n\n"), "not valid JSON"),
    ],
)
def test_an_invalid_answer_is_reported(agent: Agent, reply: Reply, problem: str) -> None:
    with pytest.raises(BackendError, match=re.escape(problem)):
        answer_of(agent, reply)


def test_figures_the_ledger_rejects_are_dropped_and_the_answer_recorded(agent: Agent) -> None:
    reply = whole(text="x", model="m" * 900, inputTokens=3, cachedTokens=9, cost=10**30)
    text, usage, _ = answer_of(agent, reply)
    assert text == "x"
    assert usage == Usage("m" * 200, 3, None, None, None)


def test_silence_is_a_failure(agent: Agent) -> None:
    slow = Reply([b"data: {}\n\n", b"data: [DONE]\n\n"], type=EVENTS, pause=2)
    with pytest.raises(BackendError, match="nothing arrived for 1 seconds"):
        answer_of(agent, slow, timeout=1)


def test_cancelling_closes_the_connection_at_once(agent: Agent) -> None:
    cancellation = Cancellation()
    timer = threading.Timer(0.3, cancellation.cancel)
    timer.start()
    started = time.monotonic()
    slow = Reply([b'data: {"delta": "x"}\n\n'] * 3, type=EVENTS, pause=1)
    with pytest.raises(CancelledError):
        answer_of(agent, slow, cancellation=cancellation)
    assert time.monotonic() - started < 3.5  # the listener's thread ends its pause first
