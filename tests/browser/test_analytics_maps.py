"""Retention and behavior: from a number to the users it counts, by mouse and keyboard."""

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect

from frontdesk.ledger.record import record
from tests.factories import make_agent, make_event

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def analytics(transactional_db: None, signed_in_page: Page) -> Page:
    """An agent with a user who returned after a week, one who did not, and a heavy user."""
    agent = make_agent()
    week = dt.timedelta(days=7)
    events = [
        make_event(time=NOW - age, external_id=user, name=user, platform="web")
        for user, age in (("Maya", 2 * week), ("Maya", week), ("Omar", 2 * week))
    ]
    events += [
        make_event(time=NOW - dt.timedelta(seconds=n), external_id="Lin", name="Lin")
        for n in range(1, 9)
    ]
    record(agent, events)
    signed_in_page.goto(f"/agents/{agent.id}/analytics")
    return signed_in_page


def test_a_cell_of_retention_opens_the_users_who_came_back(analytics: Page) -> None:
    cells = analytics.locator(".triangle tbody tr").first.locator("td")
    expect(cells.nth(0)).to_contain_text("100%")
    expect(cells.nth(1)).to_contain_text("50%")
    cells.nth(1).get_by_role("link").click()
    expect(analytics.locator(".user-name")).to_have_text(["Maya"])


def test_the_map_of_behavior_is_read_and_opened_by_keys(analytics: Page) -> None:
    chart = analytics.locator(".behavior")
    chart.locator("[data-map]").focus()
    for key in ("ArrowLeft", "ArrowUp", "ArrowDown"):  # the last cell is the first
        analytics.keyboard.press(key)
    expect(chart.locator("[data-details]")).to_have_text(
        "1 user (33.3%): 1 session, 8–15 messages sent"
    )
    analytics.keyboard.press("Enter")
    expect(analytics.locator(".user-name")).to_have_text(["Lin"])


def test_the_threshold_for_many_changes_in_place(analytics: Page) -> None:
    engaged = analytics.locator(".corners li").filter(has_text="Engaged")
    expect(engaged).to_contain_text("1 session, 4 or more messages")
    analytics.get_by_label("Many messages: from").select_option("8")
    analytics.get_by_role("button", name="Apply").click()
    expect(engaged).to_contain_text("1 session, 8 or more messages")
    expect(analytics).to_have_url(re.compile("sent_from=8"))
    expect(analytics.get_by_role("button", name="Apply")).to_be_focused()
    engaged.get_by_role("link").click()
    expect(analytics.locator(".user-name")).to_have_text(["Lin"])
