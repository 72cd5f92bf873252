"""Which worker serves which bot, and whether it works."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from frontdesk.channels import connections
from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.channels.telegram.updates import Me
from frontdesk.core.encryption import EncryptionError, decrypt

MAX_ERROR = 500


@dataclass(frozen=True)
class ServedBot:
    """A bot as a worker serves it. If any of this changes, serving it is restarted."""

    id: uuid.UUID
    agent_id: uuid.UUID
    me: Me
    token: str
    api_url: str
    mode: str
    webhook_secret: str
    owner: uuid.UUID

    def __repr__(self) -> str:
        return f"ServedBot({self.id})"  # without its secrets, for logs

    @property
    def polls(self) -> bool:
        return self.mode == TelegramBot.Mode.POLLING

    @property
    def webhook_url(self) -> str:
        return f"{settings.ENV.public_url}/telegram/{self.id}"


def lease(owner: uuid.UUID, seconds: float) -> list[ServedBot]:
    """The bots that this worker serves for this many seconds, if their token can be decrypted."""
    served = (_served(bot, owner) for bot in connections.lease(TelegramBot, owner, seconds))
    return [each for each in served if each is not None]


def release(owner: uuid.UUID, bots: Collection[uuid.UUID]) -> None:
    """Let another worker serve them at once."""
    connections.release(TelegramBot, owner, bots)


def note_running(served: ServedBot) -> None:
    _mine(served).update(state=TelegramBot.State.RUNNING)


def note_failed(served: ServedBot, error: str) -> None:
    _note_failed(served.id, error)


def _note_failed(bot: uuid.UUID, error: str) -> None:
    TelegramBot.objects.filter(id=bot).update(
        state=TelegramBot.State.FAILED,
        last_error=error[:MAX_ERROR],
        last_error_at=timezone.now(),
    )


def _mine(served: ServedBot) -> "QuerySet[TelegramBot]":
    return TelegramBot.objects.filter(id=served.id, served_by=served.owner)


def _served(bot: TelegramBot, owner: uuid.UUID) -> ServedBot | None:
    try:
        token, secret = decrypt(bot.token), decrypt(bot.webhook_secret)
    except EncryptionError as error:
        if bot.state != TelegramBot.State.FAILED:
            _note_failed(bot.id, f"The token cannot be read: {error}.")
        return None
    me = Me(bot.bot_id, bot.username)
    return ServedBot(bot.id, bot.agent_id, me, token, bot.api_url, bot.mode, secret, owner)
