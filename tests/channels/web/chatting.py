"""The visitor's side of the web chat, for tests: the same requests as the page makes."""

import hashlib
import hmac
import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from frontdesk.agents.models import Agent
from frontdesk.backends import answering
from frontdesk.backends.models import Backend
from frontdesk.backends.question import Cancellation, CancelledError, Question, Usage
from frontdesk.channels.web.models import WebChat
from tests.factories import make_web_chat

Data = dict[str, Any]


def open_chat(agent: Agent, **fields: Any) -> WebChat:
    """The agent's web chat, open, with the demo backend behind it."""
    Backend.objects.get_or_create(agent=agent, defaults={"kind": Backend.Kind.DEMO})
    return make_web_chat(agent, **fields)


@dataclass
class Visitor:
    """A person with their own browser. Errors are returned as they are: status and JSON."""

    agent: Agent
    client: Client = field(default_factory=Client)
    token: str = ""
    language: str = "en"

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, (str, bytes)) else json.dumps(body or {})
        return self.client.post(
            f"/chat/{self.agent.id}/{path}",
            data,
            content_type="application/json",
            headers={**self._headers(), **headers},
        )

    def get(self, path: str) -> Any:
        return self.client.get(f"/chat/{self.agent.id}/{path}", headers=self._headers())

    def arrive(self, **body: Any) -> Data:
        """Get a token, with what the page or the site sends; return the whole answer."""
        response = self.post("visitor", {"token": self.token, **body})
        assert response.status_code == 200, response.content
        data: Data = response.json()
        self.token = data["token"]
        return data

    def send(self, text: str = "Hello", id_: str = "", **body: Any) -> list[tuple[str, Data]]:
        """Write a message and read its answer to the end; return the events without pings."""
        response = self.post("messages", {"id": id_ or str(uuid.uuid4()), "text": text, **body})
        assert response.status_code == 200, response.content
        return read_events(b"".join(response.streaming_content))

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Language": self.language}
        return {**headers, "Authorization": f"Bearer {self.token}"} if self.token else headers


def read_events(body: bytes) -> list[tuple[str, Data]]:
    found = []
    for block in body.decode().split("\n\n"):
        if block.startswith("event: "):
            name, data = block.removeprefix("event: ").split("\ndata: ")
            found.append((name, json.loads(data)))
    return found


def said_in(events: list[tuple[str, Data]]) -> str:
    return "".join(data["text"] for name, data in events if name == "delta")


def sign(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Script:
    """A backend that answers with these pieces, and remembers what it was asked.

    An exception among the pieces is raised; at a number it waits that many seconds, unless it is
    cancelled; at WAIT until `go` is set.
    """

    WAIT = object()

    def __init__(self, *pieces: Any) -> None:
        self.pieces: list[Any] = list(pieces)
        self.questions: list[Question] = []
        self.go = threading.Event()
        self._lock = threading.Lock()

    def stream(
        self, backend: Backend, question: Question, cancellation: Cancellation
    ) -> Iterator[str | Usage]:
        with self._lock:
            self.questions.append(question)
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            if piece is Script.WAIT:
                while not self.go.wait(0.01):
                    self._raise_if_cancelled(cancellation)
            elif isinstance(piece, float):
                if cancellation.wait(piece):
                    raise CancelledError
            else:
                self._raise_if_cancelled(cancellation)
                yield piece

    def play(self, monkeypatch: pytest.MonkeyPatch) -> "Script":
        monkeypatch.setattr(answering, "stream", self.stream)
        return self

    def _raise_if_cancelled(self, cancellation: Cancellation) -> None:
        if cancellation.is_cancelled:
            raise CancelledError
