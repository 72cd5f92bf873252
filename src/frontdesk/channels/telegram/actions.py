"""Operators' actions on the bot of an agent; each is recorded in the audit log."""

import logging
import secrets
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from frontdesk import audit
from frontdesk.agents.models import Agent
from frontdesk.audit import Actor
from frontdesk.channels.telegram.models import TelegramBot, TelegramUpdate
from frontdesk.core.encryption import EncryptionError, decrypt, encrypt

if TYPE_CHECKING:
    from aiogram.types import User

logger = logging.getLogger(__name__)

SECONDS = 10


class BotError(ValueError):
    """A bot that cannot be connected; the text says why."""


def connect(actor: Actor, agent: Agent, token: str, api_url: str, mode: str) -> TelegramBot:
    """Ask Telegram which bot the token is for, and save it in place of the agent's present one.

    If it is the same bot, its inbox is kept. Raises BotError.
    """
    known = _get_me(token, api_url)
    if TelegramBot.objects.filter(bot_id=known.id).exclude(agent=agent).exists():
        raise BotError(_TAKEN)
    try:
        with transaction.atomic():
            for other in TelegramBot.objects.filter(agent=agent).exclude(bot_id=known.id):
                _delete(other)
            bot, __ = TelegramBot.objects.update_or_create(
                agent=agent,
                defaults={
                    "bot_id": known.id,
                    "username": (known.username or "")[:64],
                    "name": known.full_name[:255],
                    "token": encrypt(token),
                    "webhook_secret": encrypt(secrets.token_urlsafe(32)),
                    "api_url": api_url,
                    "mode": mode,
                    "state": TelegramBot.State.STARTING,
                    "last_error": "",
                    "last_error_at": None,
                },
            )
    except IntegrityError:
        raise BotError(_TAKEN) from None
    audit.record(actor, "connect_telegram", agent.id, bot=bot.id, mode=mode)
    return bot


def disconnect(actor: Actor, bot: TelegramBot) -> None:
    """Delete the bot and its pending updates, and remove its webhook from Telegram."""
    agent_id, bot_id = bot.agent_id, bot.id
    with transaction.atomic():
        _delete(bot)
    audit.record(actor, "disconnect_telegram", agent_id, bot=bot_id)
    if bot.mode == TelegramBot.Mode.WEBHOOK:
        _remove_webhook(bot)


def set_answers_edits(actor: Actor, bot: TelegramBot, answers_edits: bool) -> None:
    """Whether a message that is edited after its answer is answered again."""
    TelegramBot.objects.filter(id=bot.id).update(answers_edits=answers_edits)
    audit.record(actor, "change_telegram", bot.agent_id, bot=bot.id, answers_edits=answers_edits)


def _delete(bot: TelegramBot) -> None:
    TelegramUpdate.objects.filter(connection_id=bot.id).exclude(state="done").delete()
    bot.delete()


_TAKEN = _("This bot is connected to another agent. Disconnect it there first.")


def _get_me(token: str, api_url: str) -> "User":
    from aiogram import Bot  # imported here because it takes two seconds
    from aiogram.exceptions import AiogramError

    from frontdesk.channels.telegram.api import ask, explain

    async def get_me(bot: Bot) -> "User":
        return await bot.get_me()

    try:
        return ask(token, api_url, get_me, SECONDS)
    except (AiogramError, TimeoutError) as error:
        raise BotError(explain(error, token)) from None


def _remove_webhook(bot: TelegramBot) -> None:
    from aiogram import Bot
    from aiogram.exceptions import AiogramError

    from frontdesk.channels.telegram.api import ask, explain

    async def delete_webhook(bot: Bot) -> bool:
        return await bot.delete_webhook(drop_pending_updates=False)

    try:
        token = decrypt(bot.token)
        ask(token, bot.api_url, delete_webhook, SECONDS)
    except EncryptionError:
        pass
    except (AiogramError, TimeoutError) as error:  # the bot is deleted here in any case
        logger.warning("the webhook of bot %s stays: %s", bot.id, explain(error, token))
