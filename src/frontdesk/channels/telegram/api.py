"""Requests to Telegram's Bot API or to the operator's own server: checked, bounded, and with no
secrets in error messages."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Any, TypeVar

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiohttp import ClientConnectorError, ClientError, ClientResponse, ClientTimeout
from aiohttp.helpers import is_ip_address
from django.utils.translation import gettext as _
from yarl import URL

from frontdesk.backends.outgoing import OutgoingError, screen
from frontdesk.backends.resolver import GuardedResolver

T = TypeVar("T")
_UNKNOWN_METHOD = re.compile("unknown method|method.*not (found|supported)", re.IGNORECASE)

MAX_BYTES = 8 * 1024 * 1024
"""Of an answer. A hundred updates with long texts are less than 1 MiB."""
SECONDS = 30
"""How long an answer may take, beyond a requested long poll."""
_SERVER_ERRORS = 500
_DNS_SECONDS = 60


class NotReachedError(TelegramNetworkError):
    """The connection failed, so no part of the request has arrived."""


class NoBotApiError(TelegramAPIError):
    """The server answers, but not like a Bot API server."""


class UnknownMethodError(NoBotApiError):
    """The server says that it has no such method, or answers as for an unknown address."""


class RawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates, unparsed: one update that aiogram cannot parse must not hold up the others."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int = 0
    allowed_updates: list[str]


class SendText(TelegramMethod[Any]):
    """sendMessage with an unparsed result: an unreadable one must not look like a failure."""

    __returning__ = Any
    __api_method__ = "sendMessage"

    chat_id: int
    text: str
    message_thread_id: int | None = None
    entities: list[dict[str, Any]] | None = None
    reply_parameters: dict[str, Any] | None = None


class SendRich(TelegramMethod[Any]):
    """sendRichMessage (Bot API 10.1) with an unparsed result."""

    __returning__ = Any
    __api_method__ = "sendRichMessage"

    chat_id: int
    rich_message: dict[str, Any]
    message_thread_id: int | None = None
    reply_parameters: dict[str, Any] | None = None


class TextDraft(TelegramMethod[Any]):
    """sendMessageDraft (Bot API 9.3; `can_stop` 10.3)."""

    __returning__ = Any
    __api_method__ = "sendMessageDraft"

    chat_id: int
    draft_id: int
    text: str
    message_thread_id: int | None = None
    entities: list[dict[str, Any]] | None = None
    can_stop: bool | None = None


class RichDraft(TelegramMethod[Any]):
    """sendRichMessageDraft (Bot API 10.1; `can_stop` 10.3)."""

    __returning__ = Any
    __api_method__ = "sendRichMessageDraft"

    chat_id: int
    draft_id: int
    rich_message: dict[str, Any]
    message_thread_id: int | None = None
    can_stop: bool | None = None


def is_unknown_method(error: TelegramAPIError) -> bool:
    """Whether the server does not know the method, because it is older."""
    if isinstance(error, TelegramBadRequest):
        return bool(_UNKNOWN_METHOD.search(error.message))
    return isinstance(error, TelegramNotFound | UnknownMethodError)


def connect(token: str, api_url: str) -> AbstractAsyncContextManager[Bot]:
    """A client for the bot, whose connections end with the context. ValueError for a bad token."""
    return Bot(token, session=_Session(api_url)).context()


def ask(token: str, api_url: str, question: Callable[[Bot], Awaitable[T]], seconds: float) -> T:
    """Make one request from synchronous code. Raises the errors that `explain` explains."""

    async def run() -> T:
        async with asyncio.timeout(seconds), connect(token, api_url) as bot:
            return await question(bot)

    # In its own thread: the caller's may already have an event loop.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run()).result()


def explain(error: BaseException, token: str) -> str:
    """The failure as a text for operators, without the token."""
    match error:
        case TelegramUnauthorizedError() | TelegramNotFound():
            return _("Telegram does not accept the token (any more).")
        case TelegramConflictError():
            return _("Another program takes this bot's updates, or has set a webhook for it.")
        case TelegramRetryAfter():
            return _("Telegram asks to wait for %(count)s seconds.") % {"count": error.retry_after}
        case TimeoutError():
            return _("The server did not answer in time.")
        case TelegramAPIError():
            return f"{error.message}".replace(token, "…")[:400]
        case _:
            text = _("Internal error (%(error)s); see the log of the worker.")
            return text % {"error": type(error).__name__}


class _Session(AiohttpSession):
    def __init__(self, api_url: str) -> None:
        base = api_url.replace("{", "{{").replace("}", "}}")  # aiogram formats it
        super().__init__(api=TelegramAPIServer.from_base(base), timeout=SECONDS)
        self._connector_init |= {"resolver": GuardedResolver(), "ttl_dns_cache": _DNS_SECONDS}
        url = URL(api_url)  # as aiohttp reads it
        self._host = url.raw_host or ""
        self._port = url.port or 0

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        try:
            self._screen_address()
            session = await self.create_session()
            async with session.post(
                self.api.api_url(token=bot.token, method=method.__api_method__),
                data=self.build_form_data(bot=bot, method=method),
                timeout=ClientTimeout(total=timeout or SECONDS),
                allow_redirects=False,
            ) as response:
                content = await _read(response)
        except OutgoingError as error:
            raise NotReachedError(method, f"{error}.") from None
        except ClientConnectorError as error:
            raise NotReachedError(method, self._why_not_reached(error)) from None
        except TimeoutError:
            raise TelegramNetworkError(method, "The server did not answer in time.") from None
        except ClientError as error:
            # The error's own text may contain the address, and with it the token.
            text = f"The connection failed ({type(error).__name__})."
            raise TelegramNetworkError(method, text) from None
        return self._result(bot, method, response.status, content)

    def _screen_address(self) -> None:
        """aiohttp uses no resolver for hosts that it considers IP addresses, such as 127.1."""
        if is_ip_address(self._host):
            screen(self._host, self._port, [self._host])

    def _why_not_reached(self, error: ClientConnectorError) -> str:
        if isinstance(error.os_error, OutgoingError):
            return f"{error.os_error}."
        return f"{self._host} cannot be reached."

    def _result(
        self, bot: Bot, method: TelegramMethod[TelegramType], status: int, content: str
    ) -> TelegramType:
        if status >= _SERVER_ERRORS:
            text = f"The server has trouble (HTTP {status})."
            if status == HTTPStatus.NOT_IMPLEMENTED or _UNKNOWN_METHOD.search(content[:1000]):
                raise UnknownMethodError(method, text)
            raise TelegramServerError(method, text)
        try:
            response = self.check_response(bot, method, status, content)
        except ClientDecodeError:
            text = f"{self._host} answers (HTTP {status}), but not as a Bot API server does."
            raise UnknownMethodError(method, text) from None
        if response.result is None:
            raise NoBotApiError(method, f"{self._host} answers nothing.")
        return response.result


async def _read(response: ClientResponse) -> str:
    content = bytearray()
    async for piece in response.content.iter_any():
        content += piece
        if len(content) > MAX_BYTES:
            raise ClientError
    return content.decode("utf-8", "replace")
