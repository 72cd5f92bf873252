"""Connecting a Telegram bot as the operator does it."""

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from frontdesk.agents.models import Agent
from frontdesk.channels.telegram.bots import lease, note_failed, note_running
from frontdesk.channels.telegram.models import TelegramBot
from tests.browser.accessibility import violations
from tests.fakes.telegram import TOKEN, Telegram


@pytest.fixture
def telegram(allow_internal: None) -> Iterator[Telegram]:
    stub = Telegram()
    yield stub
    stub.stop()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_a_bot_is_connected_watched_and_disconnected(
    signed_in_page: Page,
    agent: Agent,
    telegram: Telegram,
    problems: list[str],
    scheme: str,
    width: int,
) -> None:
    page = signed_in_page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/agents/{agent.id}/settings/channels")
    card = page.get_by_role("region", name="Telegram")

    card.get_by_role("link", name="Connect a bot…").click()
    page.get_by_label("Bot token").fill("not a token")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("This is not a bot token.")).to_be_visible()
    problems.clear()  # Chromium reports the 422
    page.get_by_text("Advanced").click()
    page.get_by_label("Bot API server").fill(telegram.url)
    page.get_by_label("Bot token").fill(TOKEN)
    assert violations(page) == []
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("@ada_test_bot is connected.")).to_be_visible()
    expect(card.get_by_text("No worker serves the bot.")).to_be_visible()

    (served,) = lease(uuid.uuid4(), 60)
    note_failed(served, "Another program takes this bot's updates, or has set a webhook for it.")
    expect(card.get_by_text("Updates are not arriving.")).to_be_visible()  # without a reload
    note_running(served)
    expect(card.get_by_text("Running")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    card.get_by_role("link", name="Disconnect…").click()
    page.get_by_role("button", name="Disconnect").click()
    expect(card.get_by_role("link", name="Connect a bot…")).to_be_visible()
    assert not TelegramBot.objects.exists()
