"""Telegram delivers updates to the webhook."""

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.channels.telegram import actions, cleaning
from frontdesk.channels.telegram.models import TelegramBot, TelegramUpdate
from frontdesk.core.encryption import decrypt
from tests.channels.telegram.test_talking import Run
from tests.factories import make_backend
from tests.fakes.telegram import TOKEN, Telegram


@pytest.fixture
def hooked(agent: Agent, telegram: Telegram, settings: Any) -> TelegramBot:
    settings.ENV = settings.ENV.model_copy(update={"public_url": "https://desk.example"})
    make_backend(agent)
    return actions.connect(SYSTEM, agent, TOKEN, telegram.url, TelegramBot.Mode.WEBHOOK)


def call(client: Client, bot: TelegramBot, body: object, secret: str | None = None) -> int:
    secret = decrypt(bot.webhook_secret) if secret is None else secret
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    return client.post(
        f"/telegram/{bot.id}", raw, content_type="application/json", headers=headers
    ).status_code


@pytest.mark.django_db(transaction=True)
def test_a_webhook_update_is_answered_once(
    agent: Agent,
    hooked: TelegramBot,
    telegram: Telegram,
    run: Run,
    answers: list[str],
    client: Client,
) -> None:
    run()
    telegram.wait_for(lambda: bool(telegram.webhook))
    assert telegram.webhook["url"] == f"https://desk.example/telegram/{hooked.id}"
    assert telegram.webhook["secret_token"] == decrypt(hooked.webhook_secret)
    update = telegram.say("Hello")
    for _ in range(3):
        assert call(client, hooked, update) == 200
    telegram.wait_for_texts("Answer to: Hello")
    telegram.webhook = {}  # someone has removed it
    telegram.wait_for(lambda: bool(telegram.webhook))


@pytest.mark.django_db
def test_only_a_caller_with_the_secret_is_accepted(
    agent: Agent, hooked: TelegramBot, telegram: Telegram, client: Client
) -> None:
    update = telegram.say("Hello")
    assert call(client, hooked, update, "wrong") == 403
    assert call(client, hooked, update, "") == 403
    assert call(client, hooked, update, "ключ") == 403
    TelegramBot.objects.update(mode="polling")
    assert call(client, hooked, update) == 403
    assert client.get(f"/telegram/{hooked.id}").status_code == 405
    assert client.post("/telegram/00000000-0000-0000-0000-000000000000").status_code == 403
    assert not TelegramUpdate.objects.exists()


@pytest.mark.django_db
def test_updates_for_an_archived_agent_wait_in_telegram(
    agent: Agent, hooked: TelegramBot, telegram: Telegram, client: Client
) -> None:
    agent.archived_at = timezone.now()
    agent.save()
    assert call(client, hooked, telegram.say("Hello")) == 503
    assert not TelegramUpdate.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b'{"update_id": ' + b"9" * 5000 + b"}", 400),
        (b"{}" + b" " * 1024 * 1024, 413),
        ({"update_id": 1, "message": 3}, 200),
        ({"update_id": "one"}, 200),
        ({}, 200),
    ],
)
def test_a_body_that_is_not_an_update_is_refused_and_a_strange_update_ignored(
    hooked: TelegramBot, client: Client, body: object, status: int
) -> None:
    assert call(client, hooked, body) == status
    assert not TelegramUpdate.objects.exists()


@pytest.mark.django_db
def test_updates_are_deleted_once_telegram_cannot_offer_them_again(
    agent: Agent, hooked: TelegramBot, telegram: Telegram, client: Client
) -> None:
    for number in range(3):
        call(client, hooked, telegram.say(f"Message {number}"))
    old = timezone.now() - dt.timedelta(days=3)
    done, waiting, _ = TelegramUpdate.objects.order_by("number")
    TelegramUpdate.objects.filter(key=done.key).update(state="done", received_at=old)
    TelegramUpdate.objects.filter(key=waiting.key).update(received_at=old)
    assert cleaning.forget_updates(timezone.now()) == 1
    hooked.delete()
    assert cleaning.forget_updates(timezone.now()) == 2
