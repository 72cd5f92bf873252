"""A user's profile as the operator uses it."""

import re

import pytest
from playwright.sync_api import Page, expect

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser
from tests.browser.test_console_shell import violations
from tests.people.visitors import correspond, write


def open_profile(page: Page, user: EndUser, query: str = "") -> None:
    page.goto(f"/agents/{user.agent_id}/users/{user.id}{query}")


def texts(page: Page) -> list[str]:
    return page.locator(".message-text").all_inner_texts()


def numbers(first: int, last: int) -> list[str]:
    return [f"Message {n:03}" for n in range(first, last + 1)]


def test_paging_sees_each_message_once(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, correspond(agent, 120)
    open_profile(page, user)
    assert texts(page) == numbers(71, 120)
    expect(page.get_by_text("The newest message")).to_be_visible()
    page.get_by_role("link", name="Earlier messages").click()
    expect(page.locator(".message-text").first).to_have_text("Message 021")
    assert texts(page) == numbers(21, 70)
    page.get_by_role("link", name="Earlier messages").click()
    expect(page.get_by_text("The first message", exact=True)).to_be_visible()
    assert texts(page) == numbers(1, 20)
    page.get_by_role("link", name="Later messages").click()
    expect(page.locator(".message-text").first).to_have_text("Message 021")
    assert texts(page) == numbers(21, 70)
    page.get_by_role("link", name="Newest").click()
    expect(page.get_by_text("The newest message")).to_be_in_viewport()
    assert texts(page) == numbers(71, 120)


def test_jumping_to_a_date(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, correspond(agent, 90, every=60)  # noon, 14 October, and on
    open_profile(page, user)
    page.get_by_label("Jump to").fill("2026-10-15")
    page.get_by_role("button", name="Go").click()
    expect(page.locator(".day").first).to_have_text("Thursday, 15 October 2026")
    assert texts(page) == numbers(13, 62)
    expect(page.locator(".day")).to_have_count(3)
    expect(page.get_by_role("link", name="Earlier messages")).to_be_visible()


def test_a_link_names_a_message(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, correspond(agent, 120, every=0)  # all at the same moment
    open_profile(page, user)
    message = page.locator(".message").nth(20)
    id_, text = message.get_attribute("id"), message.locator(".message-text").inner_text()
    message.locator(".message-time").click()
    page.wait_for_url(f"**/users/{user.id}?message=*#{id_}")
    there = page.locator(f"[id='{id_}']")
    expect(there.locator(".message-text")).to_have_text(text)
    expect(there).to_be_in_viewport()
    assert there.evaluate("message => message.matches(':target')")


def test_a_long_text_is_collapsed(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, write(agent, "Ada", text="word " * 500 + "the end")
    open_profile(page, user)
    expect(page.get_by_text("the end")).to_be_hidden()
    page.get_by_text("Show all 2,507 characters").click()
    expect(page.get_by_text("the end")).to_be_visible()
    page.get_by_text("Show less").click()
    expect(page.get_by_text("the end")).to_be_hidden()


def test_copying_the_id_is_seen(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, write(agent, "Ada", external_id="ada-7")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_profile(page, user)
    page.get_by_role("button", name="Copy the id").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "ada-7"
    expect(page.get_by_role("button", name="Copy the id")).to_be_visible()


def test_the_way_back_leads_to_the_list_as_it_was(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, correspond(agent, 3)
    page.goto(f"/agents/{agent.id}/users?q=may")
    page.get_by_role("link", name="Maya").click()
    page.get_by_role("link", name="Newest").click()
    expect(page).to_have_url(re.compile(f"/users/{user.id}#history-end$"))
    page.get_by_role("link", name="All users").click()
    page.wait_for_url("**/users?q=may")
    open_profile(page, user)
    page.keyboard.press("Escape")
    page.wait_for_url(f"**/agents/{agent.id}/users")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_profile_is_accessible(
    signed_in_page: Page, agent: Agent, scheme: str, width: int
) -> None:
    page = signed_in_page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    user = correspond(agent, 60)
    write(
        agent,
        "Maya",
        90,
        external_id="1001",
        username="maya",
        email="maya@example.com",
        language="de",
        plan="pro",
        tags=["vip"],
        attributes={"city": "Bern"},
        text="word " * 400,
        model="gpt-4o-mini",
        input_tokens=10,
    )
    open_profile(page, user)
    for details in page.locator("main details > summary").all():
        details.click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
