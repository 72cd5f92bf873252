"""A strict Telegram: redelivers until the offset moves, and refuses what Telegram refuses.

It runs in threads of the tests' process, so that tests see what arrived even from a worker that
has been killed.
"""

import itertools
import json
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from tests.fakes.quiet_server import QuietServer
from tests.waiting import PATIENCE, eventually

TOKEN = "4711:AAHn0tARealTokenButLongEnough0000000"  # opens nothing
BOT = {"id": 4711, "is_bot": True, "first_name": "Ada", "username": "ada_test_bot"}
NOW = int(time.time())

Fields = dict[str, str]
Answer = tuple[int, dict[str, Any]]


class Telegram:
    """One bot's Telegram. `sent` are the messages that arrived.

    `failures[method]` is a queue of answers (status, body) that come before the method works again;
    a number of seconds in it is a wait before the usual answer.
    """

    def __init__(self) -> None:
        self.lock = threading.Condition()
        self.updates: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.asked: Counter[str] = Counter()
        self.calls: list[tuple[str, Fields]] = []
        self.failures: dict[str, deque[Answer | float]] = {}
        self.drafts: list[dict[str, Any]] = []
        self.is_new = False
        """Whether it knows rich messages and drafts (Bot API 10.3); older servers do not."""
        self.webhook: Fields = {}
        self.is_stopped = False
        self.token = TOKEN
        self.slowness = 0.0
        """Seconds before each answer."""
        self.connections: set[socket.socket] = set()
        """The open ones."""
        self._numbers = itertools.count(100)
        self._messages = itertools.count(1)
        self._server = QuietServer(self._handler())
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Stop the server and its threads."""
        self._server.shutdown()
        with self.lock:
            for connection in self.connections:
                connection.shutdown(socket.SHUT_RDWR)
            self.is_stopped = True
            self.lock.notify_all()
        self._server.server_close()

    def say(
        self, text: str = "", user: int | dict[str, Any] = 1001, **fields: Any
    ) -> dict[str, Any]:
        """A person writes; return the update. `fields` are the message's."""
        sender = person(user) if isinstance(user, int) else user
        message = {
            "message_id": next(self._messages),
            "date": int(time.time()),
            "from": sender,
            "chat": {"id": sender["id"], "type": "private"},
            **({"text": text} if text else {}),
            **fields,
        }
        return self.push(message=message)

    def push(self, **update: Any) -> dict[str, Any]:
        """Add an update of any kind."""
        with self.lock:
            update = {"update_id": next(self._numbers), **update}
            self.updates.append(update)
            self.lock.notify_all()
        return update

    def fail(self, method: str, *answers: Answer | float) -> None:
        self.failures.setdefault(method, deque()).extend(answers)

    def wait_for(self, met: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until something is true; otherwise the error lists the requests and messages."""
        try:
            eventually(met, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.texts()}, {self.asked}") from None

    def texts(self) -> list[str]:
        with self.lock:
            return [message["text"] for message in self.sent]

    def wait_for_texts(self, *texts: str) -> None:
        self.wait_for(lambda: len(self.sent) >= len(texts))
        assert self.texts() == list(texts)

    def _handler(telegram) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                with telegram.lock:
                    telegram.connections.add(self.connection)

            def finish(self) -> None:
                with telegram.lock:
                    telegram.connections.discard(self.connection)
                super().finish()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                _, token, method = self.path.split("/")
                fields = dict(parse_qsl(body))
                time.sleep(telegram.slowness)
                status, answer = telegram._answer(token.removeprefix("bot"), method, fields)
                raw = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                with suppress(OSError):  # the client may have gone
                    self.wfile.write(raw)

            def log_message(self, *args: object) -> None:
                pass

        return Handler

    def _answer(self, token: str, method: str, fields: Fields) -> Answer:
        with self.lock:
            self.asked[method] += 1
            self.calls.append((method, fields))
            failures = self.failures.get(method)
            failure = failures.popleft() if failures else None
        if isinstance(failure, float):
            time.sleep(failure)
        elif failure is not None:
            return failure
        if token != self.token:
            return refusal(401, "Unauthorized")
        work = self._METHODS.get(method)
        if work is None or (method in self._NEW and not self.is_new):
            return refusal(404, "Not Found")
        return work(self, fields)

    def _get_updates(self, fields: Fields) -> Answer:
        if self.webhook.get("url"):
            return refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(fields.get("offset", 0))
        wanted = {"update_id", *json.loads(fields["allowed_updates"])}
        with self.lock:
            self.updates = [
                update
                for update in self.updates
                if update["update_id"] >= offset and update.keys() <= wanted
            ]
            self.lock.wait_for(
                lambda: self.updates or self.is_stopped, timeout=int(fields.get("timeout", 0))
            )
            return good(self.updates[:100])

    def _send_message(self, fields: Fields) -> Answer:
        wrong = wrong_message(fields)
        if wrong:
            return refusal(400, f"Bad Request: {wrong}")
        message = {
            **fields,
            "chat_id": int(fields["chat_id"]),
            "entities": json.loads(fields.get("entities", "[]")),
        }
        with self.lock:
            self.sent.append(message)
        chat = {"id": message["chat_id"], "type": "private"}
        return good({"message_id": len(self.sent), "date": NOW, "chat": chat})

    def _send_rich_message(self, fields: Fields) -> Answer:
        html = rich_html(fields)
        wrong = wrong_rich_message(html)
        if wrong:
            return refusal(400, f"Bad Request: {wrong}")
        message = {
            **fields,
            "chat_id": int(fields["chat_id"]),
            "text": shown_of(html),
            "html": html,
        }
        with self.lock:
            self.sent.append(message)
        chat = {"id": message["chat_id"], "type": "private"}
        return good({"message_id": len(self.sent), "date": NOW, "chat": chat})

    def _send_message_draft(self, fields: Fields) -> Answer:
        text = fields.get("text", "")
        return self._draft(fields, text, wrong_message(fields) if text else "")

    def _send_rich_message_draft(self, fields: Fields) -> Answer:
        html = rich_html(fields)
        return self._draft(fields, shown_of(html), wrong_rich_message(html))

    def _draft(self, fields: Fields, text: str, wrong: str) -> Answer:
        if int(fields["chat_id"]) <= 0:
            wrong = "TEXTDRAFT_PEER_INVALID"
        if int(fields["draft_id"]) == 0:
            wrong = "draft_id must be non-zero"
        if wrong:
            return refusal(400, f"Bad Request: {wrong}")
        with self.lock:
            self.drafts.append({**fields, "text": text})
        return good(True)

    def _set_webhook(self, fields: Fields) -> Answer:
        self.webhook = fields
        return good(True)

    def _delete_webhook(self, fields: Fields) -> Answer:
        assert fields.get("drop_pending_updates", "false") == "false"
        self.webhook = {}
        return good(True)

    def _get_webhook_info(self, _: Fields) -> Answer:
        url = self.webhook.get("url", "")
        info = {"url": url, "has_custom_certificate": False, "pending_update_count": 0}
        return good(info)

    _METHODS: ClassVar[dict[str, Callable[["Telegram", Fields], Answer]]] = {
        "getMe": lambda _, __: good(BOT),
        "getUpdates": _get_updates,
        "sendMessage": _send_message,
        "sendRichMessage": _send_rich_message,
        "sendMessageDraft": _send_message_draft,
        "sendRichMessageDraft": _send_rich_message_draft,
        "sendChatAction": lambda _, __: good(True),
        "setMyCommands": lambda _, __: good(True),
        "setWebhook": _set_webhook,
        "deleteWebhook": _delete_webhook,
        "getWebhookInfo": _get_webhook_info,
    }

    _NEW = frozenset({"sendRichMessage", "sendMessageDraft", "sendRichMessageDraft"})


def rich_html(fields: Fields) -> str:
    rich: dict[str, str] = json.loads(fields["rich_message"])
    assert list(rich) == ["html"]  # exactly one form of the content
    return rich["html"]


_RICH_TAGS = frozenset(
    "p h1 h2 h3 h4 h5 h6 b i s a br hr ul ol li pre code blockquote table tr th td"
    " tg-spoiler tg-math tg-math-block".split()
)


class _Rich(HTMLParser):
    """Reads a rich message as Telegram does: unknown and unbalanced tags are errors."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.shown: list[str] = []
        self.wrong = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in _RICH_TAGS:
            self.wrong = f"can't parse rich message: unsupported tag {tag}"
        if tag == "a" and not str(dict(attributes).get("href")).startswith(
            ("http", "mailto", "tg")
        ):
            self.wrong = "can't parse rich message: wrong link"
        if tag not in ("br", "hr"):
            self.open.append(tag)
            if len(self.open) > 16:
                self.wrong = "can't parse rich message: nested too deeply"
        if tag == "br":
            self.shown.append("\n")

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong = f"can't parse rich message: unexpected end of {tag}"
        if tag in ("p", "li", "tr", "pre", "h1", "h2"):
            self.shown.append("\n")

    def handle_data(self, data: str) -> None:
        self.shown.append(data)

    def handle_comment(self, data: str) -> None:
        self.wrong = "can't parse rich message: a comment"

    def handle_decl(self, decl: str) -> None:
        self.wrong = "can't parse rich message: a declaration"

    def handle_pi(self, data: str) -> None:
        self.wrong = "can't parse rich message: an instruction"

    def unknown_decl(self, data: str) -> None:
        self.wrong = "can't parse rich message: a declaration"


def _read_rich(html: str) -> _Rich:
    reader = _Rich()
    reader.feed(html)
    reader.close()
    return reader


def shown_of(html: str) -> str:
    """The text that people read in a rich message."""
    return "".join(_read_rich(html).shown).strip()


def wrong_rich_message(html: str) -> str:
    """What Telegram would not take of a rich message."""
    reader = _read_rich(html)
    if reader.open:
        return "can't parse rich message: tags are not closed"
    shown = "".join(reader.shown).strip()
    if not shown:
        return "message text is empty"
    return "message is too long" if len(shown) > 32_768 else reader.wrong


def good(result: object) -> Answer:
    return 200, {"ok": True, "result": result}


def refusal(status: int, description: str, **parameters: int) -> Answer:
    body = {"ok": False, "error_code": status, "description": description}
    return status, {**body, **({"parameters": parameters} if parameters else {})}


def person(user: int, **fields: Any) -> dict[str, Any]:
    return {"id": user, "is_bot": False, "first_name": f"Visitor {user}", **fields}


def wrong_message(fields: Fields) -> str:
    """What Telegram would refuse in a message."""
    text = fields.get("text", "")
    length = units(text)
    if not text.strip():
        return "message text is empty"
    if length > 4096:
        return "message is too long"
    for entity in json.loads(fields.get("entities", "[]")):
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if start < 0 or entity["length"] <= 0 or end > length:
            return "can't parse entities: out of the text"
        if _splits_a_pair(text, start) or _splits_a_pair(text, end):
            return "can't parse entities: within a sign"
    return ""


def units(text: str) -> int:
    """UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def _splits_a_pair(text: str, place: int) -> bool:
    raw = text.encode("utf-16-le")[2 * place : 2 * place + 2]
    return len(raw) == 2 and 0xDC00 <= int.from_bytes(raw, "little") <= 0xDFFF
