"""The page of all agents in a browser: accessibility, and what changes in place."""

import datetime as dt
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from frontdesk.agents.models import Agent
from frontdesk.ledger.record import record
from tests.browser.accessibility import violations
from tests.factories import make_agent, make_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agents(transactional_db: None) -> list[Agent]:
    """Bob has more users, Ada costs more; Cleo is archived."""
    ada, bob, cleo = (make_agent(name) for name in ("Ada", "Bob", "Cleo"))
    now = dt.datetime.now(dt.UTC)
    for agent, users in ((ada, 1), (bob, 2), (cleo, 1)):
        for who in range(users):
            record(agent, [make_event(time=now, external_id=f"{who}")])
    used: dict[str, Any] = {"role": "agent", "model": "house", "input_tokens": 5}
    record(ada, [make_event(time=now, cost=3_000_000, **used), make_event(time=now, **used)])
    Agent.objects.filter(id=cleo.id).update(archived_at=now)
    return [ada, bob, cleo]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_fits_a_phone(
    signed_in_page: Page, agents: list[Agent], scheme: str
) -> None:
    page = signed_in_page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto("/analytics")
    expect(page.locator("#block-agents-cost canvas")).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert violations(page) == []


def test_agents_are_sorted_in_place_and_lead_to_their_own_analytics(
    signed_in_page: Page, agents: list[Agent]
) -> None:
    page = signed_in_page
    page.goto("/agents")
    page.get_by_role("link", name="Analytics", exact=True).click()
    names = page.locator(".side-by-side tbody th")
    expect(names).to_have_text([re.compile("Bob"), re.compile("Ada")])
    page.evaluate("window.untouched = true")
    page.get_by_role("link", name="Cost", exact=True).click()
    expect(names).to_have_text([re.compile("Ada"), re.compile("Bob")])
    expect(page.locator("#sort-cost")).to_be_focused()
    page.get_by_role("link", name="With 1 archived agent").click()
    expect(names).to_have_count(3)
    page.get_by_role("link", name="7 days").click()
    expect(page).to_have_url(re.compile(r"/analytics\?period=7d&sort=-cost&archived=1$"))
    expect(names).to_have_count(3)
    assert page.evaluate("window.untouched")
    page.locator(".side-by-side").get_by_role("link", name="Ada").click()
    expect(page).to_have_url(re.compile(rf"/agents/{agents[0].id}/analytics\?period=7d$"))
