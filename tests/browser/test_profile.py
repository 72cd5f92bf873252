"""A user's profile as the operator uses it."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.gate import blocks
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.reachability import set_reachable
from frontdesk.people import actions
from tests.browser.accessibility import violations
from tests.factories import PASSWORD, make_conversation, make_user


def open_profile(page: Page, user: EndUser, query: str = "") -> None:
    page.goto(f"/agents/{user.agent_id}/users/{user.id}{query}")


def expect_texts(page: Page, texts: list[str]) -> None:
    expect(page.locator(".message-text")).to_have_text(texts)


def numbers(first: int, last: int) -> list[str]:
    return [f"Message {n:03}" for n in range(first, last + 1)]


def test_paging_sees_each_message_once(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, make_conversation(agent, 120)
    open_profile(page, user)
    expect_texts(page, numbers(71, 120))
    expect(page.get_by_text("The newest message")).to_be_visible()
    page.get_by_role("link", name="Earlier messages").click()
    expect(page.locator(".message-text").first).to_have_text("Message 021")
    expect_texts(page, numbers(21, 70))
    page.get_by_role("link", name="Earlier messages").click()
    expect(page.get_by_text("The first message", exact=True)).to_be_visible()
    expect_texts(page, numbers(1, 20))
    page.get_by_role("link", name="Later messages").click()
    expect(page.locator(".message-text").first).to_have_text("Message 021")
    expect_texts(page, numbers(21, 70))
    page.get_by_role("link", name="Newest").click()
    expect(page.get_by_text("The newest message")).to_be_in_viewport()
    expect_texts(page, numbers(71, 120))


def test_jumping_to_a_date(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, make_conversation(agent, 90, every=60)  # noon, 14 October, and on
    open_profile(page, user)
    page.get_by_label("Jump to").fill("2026-10-15")
    page.get_by_role("button", name="Go").click()
    expect(page.locator(".day").first).to_have_text("Thursday, 15 October 2026")
    expect_texts(page, numbers(13, 62))
    expect(page.locator(".day")).to_have_count(3)
    expect(page.get_by_role("link", name="Earlier messages")).to_be_visible()


def test_a_link_names_a_message(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, make_conversation(agent, 120, every=0)  # all at the same moment
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
    page, user = signed_in_page, make_user(agent, "Ada", text="word " * 500 + "the end")
    open_profile(page, user)
    expect(page.get_by_text("the end")).to_be_hidden()
    page.get_by_text("Show all 2,507 characters").click()
    expect(page.get_by_text("the end")).to_be_visible()
    page.get_by_text("Show less").click()
    expect(page.get_by_text("the end")).to_be_hidden()


def test_copying_the_id_is_seen(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, make_user(agent, "Ada", external_id="ada-7")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_profile(page, user)
    page.get_by_role("button", name="Copy the id").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "ada-7"
    expect(page.get_by_role("button", name="Copy the id")).to_be_visible()


def test_the_back_link_leads_to_the_list_as_it_was(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, make_conversation(agent, 3)
    page.goto(f"/agents/{agent.id}/users?q=may")
    page.get_by_role("link", name="Maya").click()
    page.get_by_role("link", name="Newest").click()
    expect(page).to_have_url(re.compile(f"/users/{user.id}#history-end$"))
    page.get_by_role("link", name="All users").click()
    page.wait_for_url("**/users?q=may")
    open_profile(page, user)
    page.keyboard.press("Escape")
    page.wait_for_url(f"**/agents/{agent.id}/users")


def test_blocking_is_seen_in_the_list_until_it_ends(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, make_user(agent, "Maya", language="de")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_profile(page, user)
    page.get_by_role("link", name="Block…").click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_label("Reason")).to_be_focused()
    expect(sheet.get_by_label("Date and time")).to_be_hidden()
    sheet.get_by_label("Reason").fill("Spam")
    before = sheet.locator(".preview-text").inner_text()
    sheet.get_by_label("24 hours").check()
    expect(sheet.locator(".preview-text")).not_to_have_text(before)  # it says when it ends
    sheet.get_by_label("Text for the user").fill("Bis morgen")
    expect(sheet.locator(".preview-text")).to_have_text("Bis morgen")
    assert not [url for url in asked if "Spam" in url or "csrf" in url]  # logs keep addresses
    sheet.get_by_role("button", name="Block").dblclick()
    expect(page.get_by_text("Maya is blocked.")).to_be_visible()
    assert len(blocks.history(user.id)) == 1
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("link", name="All users").click()
    expect(page.locator("#users tbody")).to_contain_text("Blocked")
    page.get_by_role("link", name="Maya").click()
    page.get_by_role("link", name="Unblock…").click()
    page.get_by_role("button", name="Unblock").click()
    expect(page.get_by_text("Maya may write again.")).to_be_visible()
    expect(page.get_by_role("link", name="Block…")).to_be_visible()


def test_a_sheet_that_is_a_page_of_its_own_leads_to_the_user(
    signed_in_page: Page, agent: Agent
) -> None:
    page, user = signed_in_page, make_user(agent, "Maya")
    page.goto(f"/agents/{agent.id}/users/{user.id}/block")
    page.get_by_label("Reason").fill("Spam")
    page.get_by_role("button", name="Block").click()
    page.wait_for_url(f"**/users/{user.id}")
    expect(page.get_by_text("Maya is blocked.")).to_be_visible()


def test_an_invalid_form_says_so_and_stays(
    signed_in_page: Page, agent: Agent, problems: list[str]
) -> None:
    page = signed_in_page
    open_profile(page, make_user(agent, "Maya"))
    page.get_by_role("link", name="Block…").click()
    page.get_by_label("Private note").fill("kept")
    page.get_by_role("button", name="Block").click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    expect(page.get_by_label("Private note")).to_have_value("kept")
    problems.clear()  # Chromium reports the 422


def test_what_was_typed_outlives_the_session(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, make_user(agent, "Ada")
    open_profile(page, user)
    page.get_by_role("link", name="Block…").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Reason").fill("Spam, every night")
    Session.objects.all().delete()
    sheet.get_by_role("button", name="Block").click()
    expect(sheet).to_contain_text("You are no longer signed in.")
    expect(sheet.get_by_label("Reason")).to_have_value("Spam, every night")

    with page.context.expect_page() as opened:
        sheet.get_by_role("link", name="Sign in").click()
    entrance = opened.value
    entrance.get_by_label("E-mail or username").fill("olivia")
    entrance.get_by_label("Password").fill(PASSWORD)
    entrance.get_by_role("button", name="Sign in").click()
    expect(entrance.get_by_role("heading", name="Agents")).to_be_visible()
    sheet.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Spam, every night")).to_be_visible()
    assert blocks.current([user.id])


def test_notes_and_tags_in_place(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, make_user(agent, "Maya")
    open_profile(page, user, "?show=sessions")
    page.get_by_role("link", name="Note", exact=True).click()
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("Calls in the afternoon")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".note-text")).to_have_text("Calls in the afternoon")
    page.get_by_role("link", name="Edit this note").click()
    page.get_by_role("dialog").get_by_label("Note").fill("Calls at night")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".note-text")).to_have_text("Calls at night")
    page.get_by_role("link", name="Delete this note").click()
    page.get_by_role("button", name="Delete note").click()
    expect(page.locator(".note")).to_have_count(0)
    page.get_by_role("link", name="Tags", exact=True).click()
    page.get_by_label("New tags").fill("vip, beta")
    page.get_by_role("button", name="Save tags").click()
    expect(page.locator(".person-badges")).to_contain_text("vip")


def test_linking_two_users(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, make_user(agent, "Maya", text="from Telegram")
    make_user(agent, "Maya Lin", 1, platform="web", text="from the web")
    open_profile(page, user)
    page.get_by_role("link", name="Link another identity").click()
    page.get_by_role("searchbox", name="The other user's name").fill("maya")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("dialog").get_by_role("link", name="Maya Lin").click()
    expect(page.get_by_text("Together they are one person:")).to_be_visible()
    page.get_by_role("button", name="Link", exact=True).click()
    page.get_by_role("link", name="See them together").click()
    page.wait_for_url("**/people/*")
    expect_texts(page, ["from Telegram", "from the web"])


def test_searching_what_a_person_said(signed_in_page: Page, agent: Agent) -> None:
    page, user = signed_in_page, make_conversation(agent, 150)
    open_profile(page, user)
    page.get_by_role("searchbox", name="Search this user's messages").fill("MESSAGE 042")
    page.keyboard.press("Enter")
    expect(page.locator("mark")).to_have_text(["Message", "042"])
    page.locator(".session-link").click()
    there = page.locator(".message:target")
    expect(there).to_be_in_viewport()
    expect(there.locator(".message-text")).to_have_text("Message 042")


def test_charts_are_read_by_keys(signed_in_page: Page, agent: Agent) -> None:
    page = signed_in_page
    open_profile(page, make_user(agent, "Maya"))  # at noon of a Wednesday
    page.get_by_role("group", name="Weekdays by hours").focus()
    page.keyboard.press("ArrowLeft")
    details = page.locator(".chart-pair [data-details]").first
    expect(details).to_have_text("No messages, Sunday 23:00 – 24:00")
    for key in ["ArrowUp"] * 4 + ["ArrowLeft"] * 11:
        page.keyboard.press(key)
    expect(details).to_have_text("1 message, Wednesday 12:00 – 13:00")


def test_erasing_leads_to_the_receipt(
    signed_in_page: Page, agent: Agent, problems: list[str]
) -> None:
    page, user = signed_in_page, make_conversation(agent, 3)
    open_profile(page, user)
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Erase…").click()
    page.get_by_role("button", name="Erase Maya").click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    problems.clear()  # Chromium reports the 422
    page.get_by_label("To confirm, type").fill("Maya")
    page.get_by_role("button", name="Erase Maya").click()
    expect(page.get_by_text("Done: nothing of the user is left")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Signed receipt").click()
    assert download.value.suggested_filename.startswith("receipt-")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_profile_is_accessible(
    signed_in_page: Page, agent: Agent, scheme: str, width: int
) -> None:
    page = signed_in_page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    user = make_conversation(agent, 60)
    make_user(
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
    actions.block(SYSTEM, agent, [user.id], reason="Spam", until=None)
    actions.set_limits(SYSTEM, agent, user.id, {"messages_per_day": 9})
    actions.assign_attributes(SYSTEM, agent, user.id, {"seats": 12})
    set_reachable(agent, user.id, reachable=False, at=now(), cause="blocked the bot")
    fields = {"external_id": "1001", "role": "system", "text": "/new"}
    make_user(agent, "Maya", 95, new_session=True, **fields)
    open_profile(page, user)
    for details in page.locator("main details > summary").all():
        details.click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_the_pages_around_a_profile_are_accessible(
    signed_in_page: Page, agent: Agent, scheme: str, width: int
) -> None:
    page = signed_in_page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    user = make_conversation(agent, 5)
    gone = actions.erase(SYSTEM, agent, make_user(agent, "Zoe").id)
    actions.block(SYSTEM, agent, [user.id], reason="Spam", until=None)
    for path in ("?show=sessions", "?find=message", "/erase", "/limits", "/block", "/link?q=m"):
        open_profile(page, user, path)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"/agents/{agent.id}/erasures/{gone.id}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
