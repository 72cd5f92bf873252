"""An agent's settings as the operator uses them."""

import pytest
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from frontdesk.agents import invitees
from frontdesk.agents.models import Agent, ApiKey
from tests.browser.accessibility import violations
from tests.factories import make_key, make_plan, make_tag, make_user

SECTIONS = ("", *"/access /limits /plans /tags /texts /keys /privacy /danger".split())


@pytest.fixture
def full_agent(agent: Agent) -> Agent:
    """An agent with something in each section."""
    for n in range(3):
        make_user(agent, "Maya", time=now(), message_id=f"m{n}", plan="gold", tags=["reported"])
    make_user(agent, "Ada", time=now())
    make_plan(agent, "plus", color="teal", limits={"cost_per_day": 10})
    make_tag(agent, "vip", color="violet")
    make_key(agent, "ingest", name="Bot")
    old, _ = make_key(agent, "read", name="Old")
    old.revoke()
    invitees.add(agent, [invitees.parse(f"web:visitor-{n}") for n in range(60)])
    return agent


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_every_section_is_accessible_and_fits(
    signed_in_page: Page, full_agent: Agent, scheme: str, width: int
) -> None:
    page = signed_in_page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    for path in (*SECTIONS, "/plans/new", "/keys/new"):
        page.goto(f"/agents/{full_agent.id}/settings{path}")
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_section_is_saved_in_place_and_the_head_follows(
    signed_in_page: Page, agent: Agent, problems: list[str]
) -> None:
    page = signed_in_page
    page.goto(f"/agents/{agent.id}/settings")
    page.evaluate("window.stayed = true")
    page.get_by_role("textbox", name="Avatar").fill("no")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This is not an emoji")).to_be_visible()
    expect(page.get_by_role("textbox", name="Avatar")).to_be_focused()
    page.get_by_role("button", name="Letters").click()
    page.get_by_role("textbox", name="Name").fill("Grace")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Grace is saved.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Grace")
    assert page.evaluate("window.stayed")
    problems.clear()  # Chromium reports the 422


def test_a_limit_is_tried_while_it_is_typed(signed_in_page: Page, full_agent: Agent) -> None:
    page = signed_in_page
    page.goto(f"/agents/{full_agent.id}/settings/limits")
    page.get_by_label("Messages per day, messages").fill("2")
    expect(page.get_by_text("would have stopped 1 of 2 people")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The limits are saved")).to_be_visible()
    full_agent.refresh_from_db()
    assert full_agent.limits == {"messages_per_day": 2}


def test_a_key_is_created_shown_and_revoked(signed_in_page: Page, agent: Agent) -> None:
    page = signed_in_page
    page.goto(f"/agents/{agent.id}/settings/keys")
    page.get_by_role("link", name="New key").click()
    page.get_by_label("What it is for").fill("Laptop")
    page.get_by_label("manage").check()
    page.get_by_role("button", name="Create key").click()
    token = page.locator("#new-token")
    expect(token).to_be_visible()
    assert ApiKey.objects.find(token.text_content() or "") == ApiKey.objects.get()
    page.keyboard.press("Escape")
    expect(page.get_by_role("cell", name="Laptop", exact=True)).to_be_visible()
    page.get_by_role("link", name="Revoke… Laptop").click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The key Laptop is revoked.")).to_be_visible()
    expect(page.get_by_text("No key yet")).to_be_visible()


def test_a_tag_is_created_and_the_agent_paused_in_a_sheet(
    signed_in_page: Page, agent: Agent
) -> None:
    page = signed_in_page
    page.goto(f"/agents/{agent.id}/settings/tags")
    page.get_by_role("link", name="New tag").click()
    page.get_by_role("textbox", name="Name").fill("vip")
    page.get_by_label("Violet").check()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="vip", exact=True)).to_be_visible()
    page.goto(f"/agents/{agent.id}/settings")
    page.get_by_role("link", name="Pause…").click()
    page.get_by_role("button", name="Pause Ada").click()
    expect(page.locator("#agent-head").get_by_text("Paused")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#agent-head").get_by_text("Paused")).to_have_count(0)


def test_a_list_with_bad_lines_is_corrected_in_place(
    signed_in_page: Page, agent: Agent, problems: list[str]
) -> None:
    page = signed_in_page
    page.goto(f"/agents/{agent.id}/settings/access")
    page.get_by_label("Invite people").fill("@maya\n12345")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_text("Add the platform, such as telegram:12345.")).to_be_visible()
    page.get_by_label("Invite people").fill("telegram:12345")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_text("Invited: 1.")).to_be_visible()
    expect(page.get_by_text("Invited: 2", exact=True)).to_be_visible()
    problems.clear()  # Chromium reports the 422
