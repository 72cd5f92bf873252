"""Connecting a bot in the settings, and its card there."""

import datetime as dt
import uuid

import pytest
from aiogram.exceptions import TelegramNetworkError
from django.test import Client
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.channels.telegram.api import ask
from frontdesk.channels.telegram.bots import ServedBot, lease, note_failed, note_running
from frontdesk.channels.telegram.models import API_URL, TelegramBot, TelegramUpdate
from frontdesk.core.encryption import decrypt
from tests.factories import make_agent, make_web_chat
from tests.fakes.telegram import BOT, TOKEN, Telegram, good, refusal

pytestmark = pytest.mark.django_db


def url(agent: Agent, what: str = "") -> str:
    return f"/agents/{agent.id}/settings/channels{what}"


def connect(client: Client, agent: Agent, api_url: str, token: str = TOKEN, **fields: str) -> str:
    data = {"token": token, "api_url": api_url, "mode": "polling", **fields}
    return client.post(url(agent, "/telegram/connect"), data, follow=True).content.decode()


def test_a_token_that_telegram_knows_connects_its_bot(
    agent: Agent, telegram: Telegram, signed_in: Client
) -> None:
    assert "Connect a bot" in signed_in.get(url(agent)).content.decode()
    page = connect(signed_in, agent, telegram.url)
    assert "@ada_test_bot is connected." in page
    assert "https://t.me/ada_test_bot" in page
    assert "FRONTDESK_PUBLIC_URL" not in page
    make_web_chat(agent)
    assert "it needs <code>FRONTDESK_PUBLIC_URL" in signed_in.get(url(agent)).content.decode()
    bot = TelegramBot.objects.get(agent=agent)
    assert decrypt(bot.token) == TOKEN
    assert TOKEN not in bot.token + page
    assert TOKEN not in signed_in.get(url(agent, "/telegram/connect")).content.decode()


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("hello", "This is not a bot token."),
        ("4711:AAHn0tARealTokenButAnother0000000", "Telegram does not accept the token"),
    ],
)
def test_a_wrong_token_is_reported(
    agent: Agent, telegram: Telegram, signed_in: Client, token: str, problem: str
) -> None:
    page = connect(signed_in, agent, telegram.url, token)
    assert problem in page
    assert token not in page
    assert not TelegramBot.objects.exists()


def test_a_server_that_is_not_telegrams_is_reported(
    agent: Agent, telegram: Telegram, signed_in: Client
) -> None:
    telegram.fail("getMe", (200, {"hello": "world"}))
    problem = "answers (HTTP 200), but not as a Bot API server does"
    assert problem in connect(signed_in, agent, telegram.url)
    telegram.fail("getMe", refusal(502, "Bad Gateway"))
    assert "The server has trouble (HTTP 502)." in connect(signed_in, agent, telegram.url)
    telegram.stop()
    assert "127.0.0.1 cannot be reached." in connect(signed_in, agent, telegram.url)


def test_an_internal_server_is_used_only_if_allowed(agent: Agent, signed_in: Client) -> None:
    page = connect(signed_in, agent, "http://127.0.0.1:1")
    assert "127.0.0.1 is an internal address; FRONTDESK_INTERNAL_HOSTS=127.0.0.1:1" in page


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "１２７.0.0.1", "[::1]"])
def test_an_internal_address_is_refused_again_when_it_is_used(host: str) -> None:
    with pytest.raises(TelegramNetworkError, match="is an internal address"):
        ask(TOKEN, f"http://{host}:1", lambda bot: bot.get_me(), 5)


def test_braces_in_the_address_of_a_server_mean_nothing(
    agent: Agent, telegram: Telegram, signed_in: Client
) -> None:
    assert "is connected" not in connect(signed_in, agent, f"{telegram.url}/{{token}}{{x")
    assert telegram.asked["getMe"] == 0


def test_a_bot_of_another_agent_is_refused_without_saying_whose(
    agent: Agent, bot: TelegramBot, telegram: Telegram, signed_in: Client
) -> None:
    other = make_agent("Bert")
    page = connect(signed_in, other, telegram.url)
    assert "This bot is connected to another agent." in page
    assert "Ada" not in page.partition("<main")[2].replace("ada_test_bot", "")


def test_a_webhook_needs_a_public_url(agent: Agent, telegram: Telegram, signed_in: Client) -> None:
    page = connect(signed_in, agent, telegram.url, mode="webhook")
    assert "A webhook requires FRONTDESK_PUBLIC_URL" in page


def test_another_token_of_the_same_bot_keeps_the_waiting_updates(
    agent: Agent, bot: TelegramBot, telegram: Telegram, signed_in: Client
) -> None:
    waiting(bot)
    connect(signed_in, agent, telegram.url)
    assert TelegramBot.objects.get().id == bot.id
    assert TelegramUpdate.objects.count() == 1


def test_another_bot_replaces_the_first_and_its_waiting_updates(
    agent: Agent, bot: TelegramBot, telegram: Telegram, signed_in: Client
) -> None:
    waiting(bot)
    telegram.fail("getMe", good({**BOT, "id": 4712, "username": "eve_bot"}))
    assert "@eve_bot is connected." in connect(signed_in, agent, telegram.url)
    assert TelegramBot.objects.get().bot_id == 4712
    assert not TelegramUpdate.objects.exists()


def test_disconnecting_asks_first_and_forgets_what_waits(
    agent: Agent, bot: TelegramBot, signed_in: Client
) -> None:
    waiting(bot)
    asked = signed_in.get(url(agent, "/telegram/disconnect")).content.decode()
    assert "1 message that is waiting for an answer will not get one" in asked
    signed_in.post(url(agent, "/telegram/disconnect"))
    assert not TelegramBot.objects.exists()
    assert not TelegramUpdate.objects.exists()


def test_the_card_shows_the_state_of_the_bot(
    agent: Agent, bot: TelegramBot, signed_in: Client
) -> None:
    def shown() -> str:
        asked = signed_in.get(url(agent, "/telegram"), headers={"HX-Request": "true"})
        return asked.content.decode()

    assert "No worker serves the bot." in shown()
    (served,) = lease(uuid.uuid4(), 30)
    assert "Starting" in shown()
    note_failed(served, "Telegram has <b>trouble</b>.")
    assert "Telegram has &lt;b&gt;trouble&lt;/b&gt;." in shown()
    note_running(served)
    assert "Running" in shown()
    assert "Last error" in shown()
    assert "every 5s" not in shown()
    assert TOKEN not in repr(served)


def test_a_lease_is_free_only_when_it_has_expired(bot: TelegramBot) -> None:
    ours, theirs = uuid.uuid4(), uuid.uuid4()

    def ids(found: list[ServedBot]) -> list[uuid.UUID]:
        return [served.id for served in found]

    assert ids(lease(ours, 30)) == [bot.id]
    assert ids(lease(theirs, 30)) == []
    assert ids(lease(ours, 30)) == [bot.id]
    TelegramBot.objects.update(served_until=timezone.now() - dt.timedelta(seconds=1))
    assert ids(lease(theirs, 30)) == [bot.id]
    assert ids(lease(ours, 30)) == []
    Agent.objects.update(archived_at=timezone.now())
    assert lease(theirs, 30) == []


def test_a_guest_sees_and_does_nothing(agent: Agent, client: Client) -> None:
    for what in ("", "/telegram", "/telegram/connect", "/telegram/disconnect"):
        assert client.post(url(agent, what)).status_code == 302
        assert client.get(url(agent, what)).status_code == 302


def test_telegrams_own_server_is_the_default(agent: Agent, signed_in: Client) -> None:
    assert API_URL in signed_in.get(url(agent, "/telegram/connect")).content.decode()


def waiting(bot: TelegramBot) -> None:
    TelegramUpdate.objects.create(
        end_user_id=uuid.uuid4(), key="1:1", connection_id=bot.id, number=1
    )
