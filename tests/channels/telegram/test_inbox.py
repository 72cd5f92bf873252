"""What the inbox makes of updates: nothing is dropped for its number or its time."""

import datetime as dt
import time
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.channels.telegram import inbox
from frontdesk.channels.telegram.drafts import Features
from frontdesk.channels.telegram.models import TelegramBot, TelegramUpdate
from frontdesk.channels.telegram.replies import TelegramReplies
from frontdesk.channels.telegram.updates import Me
from frontdesk.ledger.models import Message
from tests.channels.telegram.test_updates import GROUP, message
from tests.factories import make_backend, make_bot

pytestmark = pytest.mark.django_db

ME = Me(42, "ada_bot")


def store(agent: Agent, *raws: dict[str, Any], bot: uuid.UUID | None = None) -> int:
    inbox.store(agent.id, bot or uuid.UUID(int=1), ME, raws)
    return TelegramUpdate.objects.count()


def handle_all(agent: Agent) -> None:
    for row in TelegramUpdate.objects.filter(state="waiting").order_by("number"):
        TelegramReplies(Features()).begin(agent, row)


def test_a_number_that_is_used_again_drops_no_message(agent: Agent) -> None:
    hello = message(text="Hello")
    assert store(agent, hello) == 1
    assert store(agent, hello) == 1
    assert store(agent, message(text="Later", message_id=6)) == 2
    assert store(agent, message(text="Hello", date=1_800_000_000)) == 3


def test_a_message_of_the_future_is_recorded_with_our_time(agent: Agent, signed_in: Client) -> None:
    make_backend(agent)
    bot = make_bot(agent, served_until=timezone.now() + dt.timedelta(minutes=1))
    ahead = int(time.time()) + 3600
    store(agent, message(text="Hello", date=ahead), bot=bot.id)
    edit = message(text="Hello!", date=ahead, edit_date=ahead + 60)["message"]
    handle_all(agent)
    store(agent, {"update_id": 2, "edited_message": edit}, bot=bot.id)
    handle_all(agent)
    said = Message.objects.get(role="user")
    assert (said.text, said.edited_at is not None) == ("Hello!", True)
    assert abs((said.sent_at - timezone.now()).total_seconds()) < 60
    assert 3500 < TelegramBot.objects.get().clock_ahead < 3700
    url = f"/agents/{agent.id}/settings/channels"
    assert "seconds behind Telegram" in signed_in.get(url).content.decode()

    store(agent, {**message(text="Now", date=int(time.time()) + 60), "update_id": 3}, bot=bot.id)
    assert TelegramBot.objects.get().clock_ahead == 0
    assert "behind Telegram" not in signed_in.get(url).content.decode()


def test_who_writes_as_a_group_or_channel_is_told_why_there_is_no_answer(
    agent: Agent, signed_in: Client
) -> None:
    bot = make_bot(agent, served_until=timezone.now() + dt.timedelta(minutes=1))
    admin = {"from": {"id": 1087968824, "is_bot": True, "first_name": "Group"}, "chat": GROUP}
    raws = [
        message(text="/ask", sender_chat=GROUP, **admin),
        message(text="/ask again", sender_chat={"id": -7, "title": "News"}, **admin),
        message(text="Not for the bot", sender_chat=GROUP, **admin),
        message(text="/post", sender_chat={"id": -7}, is_automatic_forward=True, **admin),
    ]
    for number, raw in enumerate(raws):
        store(agent, {**raw, "update_id": number}, bot=bot.id)
    row = TelegramUpdate.objects.get()
    handle_all(agent)
    row.refresh_from_db()
    assert "Please write as yourself" in str(row.answer)
    assert not Message.objects.exists()
    page = signed_in.get(f"/agents/{agent.id}/settings/channels").content.decode()
    assert "2 messages by anonymous admins or channels" in page


def test_a_message_without_a_real_time_is_recorded_with_our_time(agent: Agent) -> None:
    make_backend(agent)
    store(agent, message(text="Hello", date=0))
    handle_all(agent)
    assert Message.objects.get(role="user").sent_at.year > 2000
