"""Hostile and unusual bodies: each gets the status that says what is wrong, and where."""

import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from frontdesk.agents.models import Agent
from frontdesk.core.http.body import MAX_BODY
from frontdesk.ledger.models import EndUser, Message
from tests.factories import make_api_event

Post = Callable[..., Any]


def error_of(response: Any) -> tuple[int, str, str | None]:
    error = response.json()["error"]
    assert set(error) == {"code", "message", "where"}
    assert error["message"]
    return response.status_code, error["code"], error["where"]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b" ", "line 1, column 2"),
        (b"[1,\n 2,]", "line 2, column 4"),
        (b'{"a": 1} x', "line 1, column 10"),
        (b'["\xff\xfe', "byte 2"),
        (b"[NaN]", None),
        (b"[" * 100_000, None),
        (b'{"a":' * 100_000, None),
        (b"[{}," + b"9" * 5_000 + b"x]", None),
    ],
)
def test_what_is_not_json_is_400_and_says_where(post: Post, body: bytes, where: str | None) -> None:
    assert error_of(post(body)) == (400, "bad_json", where)


def test_ndjson_with_the_wrong_type_gets_a_hint(post: Post) -> None:
    response = post(b'{"a": 1}\n{"a": 2}\n')

    assert error_of(response) == (400, "bad_json", "line 2, column 1")
    assert "application/x-ndjson" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    "body", [b"[]", b"3", b'"text"', b"null", b"[1, 2]", b'{"events": []}', b'{"events": 3}']
)
def test_json_of_another_shape_is_422(post: Post, body: bytes) -> None:
    assert error_of(post(body)) == (422, "wrong_shape", None)


def test_ndjson_without_a_line_is_422(post: Post) -> None:
    assert error_of(post(b"\n \r\n", "application/x-ndjson")) == (422, "wrong_shape", None)


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "multipart/form-data; boundary=x", "", "application/json2"],
)
def test_another_content_type_is_415(post: Post, content_type: str) -> None:
    assert error_of(post(b"[]", content_type)) == (415, "unsupported_media_type", "Content-Type")


def test_another_charset_is_415(post: Post) -> None:
    response = post("[]", "application/json; charset=utf-16")

    assert error_of(response)[:2] == (415, "unsupported_media_type")
    assert post(make_api_event(), "application/json; charset=UTF-8").status_code == 200


def test_another_encoding_is_415(post: Post) -> None:
    response = post(b"[]", Content_Encoding="br")

    assert error_of(response) == (415, "unsupported_encoding", "Content-Encoding")
    assert "gzip" in response.headers["Accept-Encoding"]


def test_a_byte_order_mark_is_ignored(post: Post) -> None:
    body = b"\xef\xbb\xbf" + json.dumps([make_api_event()]).encode()

    assert post(body).json()["recorded"] == 1


def test_a_gzip_body_may_have_several_members(post: Post) -> None:
    first, second = (json.dumps(make_api_event()).encode() + b"\n" for _ in range(2))
    body = gzip.compress(first) + gzip.compress(second)

    response = post(body, "application/x-ndjson", Content_Encoding="gzip")

    assert response.json()["recorded"] == 2


@pytest.mark.parametrize(
    "body",
    [b"[]", gzip.compress(b"[]" * 1000)[:-9], gzip.compress(b"[]") + b"junk", b""],
    ids=["plain", "cut", "followed by junk", "empty"],
)
def test_what_is_not_gzip_is_400(post: Post, body: bytes) -> None:
    response = post(body, Content_Encoding="gzip", CONTENT_LENGTH=str(len(body)))

    assert error_of(response)[:2] == (400, "bad_gzip")


def test_a_small_body_that_expands_too_far_is_413(post: Post) -> None:
    bomb = gzip.compress(bytes(MAX_BODY * 4))

    assert len(bomb) < 100_000
    assert error_of(post(bomb, Content_Encoding="gzip"))[:2] == (413, "too_large")


def test_a_body_of_sixteen_megabytes_is_read_and_a_longer_one_is_413(post: Post) -> None:
    assert post(b"[]" + b" " * (MAX_BODY - 2)).status_code == 422
    assert error_of(post(b"[]" + b" " * (MAX_BODY - 1)))[:2] == (413, "too_large")


class TestChunks:
    """A body in chunks has no Content-Length; tests/api/test_server.py tests a real server."""

    @pytest.fixture
    def send(self, client: Client, token: str, address: str) -> Callable[..., Any]:
        def send(body: bytes, **environ: Any) -> Any:
            environ = {
                "wsgi.input": io.BytesIO(body),
                "CONTENT_LENGTH": "",
                "CONTENT_TYPE": "application/json",
                **environ,
            }
            headers = {"Authorization": f"Bearer {token}"}
            return client.generic("POST", f"{address}/messages", headers=headers, **environ)

        return send

    def test_are_read_to_their_end(self, send: Callable[..., Any]) -> None:
        body = json.dumps([make_api_event(text="x" * 1000) for _ in range(200)]).encode()

        assert send(body, **{"wsgi.input_terminated": True}).json()["recorded"] == 200

    def test_are_bounded(self, send: Callable[..., Any]) -> None:
        response = send(bytes(MAX_BODY + 1), **{"wsgi.input_terminated": True})

        assert error_of(response)[:2] == (413, "too_large")

    def test_of_unknown_end_are_411(self, send: Callable[..., Any]) -> None:
        assert error_of(send(b"[]")) == (411, "length_required", "Content-Length")

    @pytest.mark.parametrize("length", ["-1", "1e3", "²"])
    def test_a_length_that_is_not_a_number_is_400(
        self, send: Callable[..., Any], length: str
    ) -> None:
        assert error_of(send(b"[]", CONTENT_LENGTH=length))[:2] == (400, "bad_body")

    def test_a_body_that_ends_early_is_400(self, send: Callable[..., Any]) -> None:
        response = send(b"[1,", CONTENT_LENGTH="50")

        assert error_of(response)[:2] == (400, "bad_body")
        assert "3 of 50 bytes" in response.json()["error"]["message"]

    def test_a_connection_that_breaks_is_400(self, send: Callable[..., Any]) -> None:
        class Broken(io.BytesIO):
            def read(self, *args: Any) -> bytes:
                raise ConnectionResetError

        response = send(b"", CONTENT_LENGTH="50", **{"wsgi.input": Broken()})

        assert error_of(response)[:2] == (400, "bad_body")


def raw_event(**raw: str) -> bytes:
    """An event in which some fields have this JSON, valid or not."""
    fields = {name: json.dumps(value) for name, value in make_api_event().items()} | raw
    return ("{" + ",".join(f'"{name}":{value}' for name, value in fields.items()) + "}").encode()


@pytest.mark.parametrize(
    "poison",
    [
        raw_event(cost="9" * 4000),
        raw_event(cost="9" * 5000),
        raw_event(cost="1e999"),
        raw_event(inputTokens="-1"),
        raw_event(attributes='{"a":1e999}'),
        raw_event(attributes='{"a":' + "9" * 5000 + "}"),
        raw_event(attributes='{"a":' + "[" * 100 + "]" * 100 + "}"),
        raw_event(attributes='{"a":"' + "x" * 9000 + '"}'),
        raw_event(time='"0001-01-01T00:00:00+23:59"'),
        raw_event(time='"9999-12-31T23:59:59-23:59"'),
        raw_event(time='"2026-10-14T12:00:00"'),
        raw_event(time="0"),
        raw_event(editedAt='"0001-01-01T00:00:00+23:59"'),
        raw_event(platform='"web\\n"'),
        raw_event(platform=json.dumps("a" * 32 + "\n")),
        raw_event(externalId='"\\u0000"'),
        raw_event(externalId='"\\ud83d"'),
        raw_event(externalId='""'),
        raw_event(messageId=json.dumps("m" * 256)),
        raw_event(text=json.dumps("x" * 100_001)),
        raw_event(email='"@\\ud83d"'),
        raw_event(tags="[null]"),
        b'{"platform":1,"role":"\xff"}',
    ],
)
def test_a_poisonous_event_is_rejected_alone(post: Post, agent: Agent, poison: bytes) -> None:
    good = json.dumps(make_api_event()).encode()

    response = post(b"[" + good + b"," + poison + b"]")

    assert response.status_code == 200, response.content
    results = response.json()["results"]
    assert [result["status"] for result in results] == ["recorded", "rejected"]
    assert results[1]["reason"]
    assert EndUser.objects.get(agent=agent).total_messages_sent == 1


@pytest.mark.parametrize(
    "unusual",
    [
        raw_event(text='"cut in half: \\ud83d"'),
        raw_event(text='"\\u0000"'),
        raw_event(name='"\\ud83d and more"'),
        raw_event(name=json.dumps("\u0958" * 255)),
        raw_event(name=json.dumps("ΐ" * 255)),
        raw_event(username=json.dumps("\ufb1d" * 255)),
        raw_event(email='"a@\\ud83d"'),
        raw_event(avatarUrl='"https://example.com/\\ud83d"'),
        raw_event(tags='["\\ud83d","\\u0000"]'),
        raw_event(model='"\\udc00"'),
        raw_event(attributes='{"\\ud83d":"\\ud83d","b":"\\u0000","\\u0000":1}'),
        raw_event(attributes='{"a":' + "9" * 4000 + "}"),
        raw_event(attributes='{"a":18446744073709551616,"b":1e308,"c":-0.0}'),
        raw_event(cost="1000000000000", cachedTokens="null"),
        raw_event(sequence="9007199254740992", sessionId='"s"'),
    ],
)
def test_an_unusual_event_is_recorded_and_can_be_read_back(
    post: Post, get: Callable[..., Any], unusual: bytes
) -> None:
    response = post(b"[" + unusual + b"]")

    assert response.json()["recorded"] == 1, response.content
    assert get("/users/telegram:1001").status_code == 200
    assert get("/users/telegram:1001/messages").status_code == 200


def test_half_an_emoji_does_not_affect_the_rest_of_its_batch(post: Post) -> None:
    # JavaScript's JSON.stringify("🦊".slice(0, 1)) writes exactly this.
    response = post(b"[" + raw_event() + b"," + raw_event(text='"fox \\ud83e"') + b"]")

    assert response.json()["recorded"] == 2
    assert Message.objects.filter(text="fox \ufffd").exists()


def test_the_last_of_two_equal_keys_counts(post: Post) -> None:
    twice = raw_event(text='"first"').replace(b'"first"', b'"first","text":"second"')

    assert post(twice).json()["recorded"] == 1
    assert Message.objects.get().text == "second"
