"""Telegram as telegram-test-api (npm) imitates it, for a person who talks to a bot."""

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.fakes.node import FOLDER, node
from tests.fakes.telegram import TOKEN
from tests.waiting import eventually


class Visitor:
    """A person with a Telegram client."""

    def __init__(self, url: str, user: int = 1001, name: str = "Maya") -> None:
        self._url = url
        self._user = user
        self._name = name

    def say(self, text: str) -> None:
        sender = {"id": self._user, "first_name": self._name, "is_bot": False}
        chat = {"id": self._user, "type": "private", "first_name": self._name}
        message = {"from": sender, "chat": chat, "date": int(time.time()), "text": text}
        self._post("sendMessage", {"botToken": TOKEN, **message})

    def wait_for(self, count: int) -> list[str]:
        """The bot's next `count` messages."""
        texts: list[str] = []

        def have_come() -> bool:
            found = self._post("getUpdates", {"token": TOKEN, "chatId": self._user})["result"]
            texts.extend(each["message"]["text"] for each in found)
            return len(texts) >= count

        eventually(have_come)
        return texts

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(  # noqa: S310  # our own server
            f"{self._url}/{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            return json.loads(response.read())


@contextmanager
def serve() -> Iterator[str]:
    """The URL of a server that runs during the block."""
    process = subprocess.Popen(
        [node(), str(FOLDER / "telegram_test_api.js")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()
