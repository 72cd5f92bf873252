"""Selecting users in the list, acting on them, saving views, exporting a file."""

import re

import pytest
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.people.bulk_actions import bulk
from frontdesk.people.models import BulkJob
from tests.browser.accessibility import violations
from tests.browser.test_users_page import WATCH_LIVE, expect_live_held, expect_query, open_list
from tests.factories import make_plan, make_tag, make_user, make_users


@pytest.fixture
def at(signed_in_page: Page, agent: Agent, operator: Operator) -> Page:
    """A signed-in page of a list of 25 visitors with their tags and status, in two pages."""
    operator.remember(users_columns=["name", "status", "tags", "subscription"])
    make_users(agent, 25)
    open_list(signed_in_page, agent, "?sort=name")
    signed_in_page.wait_for_load_state()  # the bar's text needs the script
    return signed_in_page


def box(page: Page, number: int) -> Locator:
    return page.get_by_label(f"Select Visitor {number:03}")


def bar(page: Page) -> Locator:
    return page.locator(".bulk-bar")


def row(page: Page, number: int) -> Locator:
    return page.locator("tr", has_text=f"Visitor {number:03}")


def open_sheet(page: Page, name: str) -> Locator:
    """Open the sheet of an action."""
    bar(page).get_by_role("button", name=name, exact=True).click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_be_visible()
    return sheet


def test_rows_a_range_the_page_and_all_matches_are_selected(at: Page) -> None:
    expect(bar(at)).to_be_hidden()
    box(at, 2).click()
    expect(bar(at)).to_contain_text("1 selected")
    box(at, 5).click(modifiers=["Shift"])
    expect(bar(at)).to_contain_text("4 selected")
    box(at, 3).uncheck()
    expect(bar(at)).to_contain_text("3 selected")
    page_box = at.get_by_label("Select all on this page")
    assert page_box.evaluate("box => box.indeterminate")
    page_box.check()
    expect(bar(at)).to_contain_text("20 selected")
    at.get_by_label("All 25 that match").check()
    expect(bar(at)).to_contain_text("All that match")
    at.get_by_role("button", name="Clear the selection").click()
    expect(bar(at)).to_be_hidden()
    at.keyboard.press("j")
    at.keyboard.press("x")
    expect(box(at, 1)).to_be_checked()


def test_tags_are_added_to_the_selected_users(at: Page, agent: Agent, problems: list[str]) -> None:
    make_tag(agent, "vip", color="violet")
    box(at, 2).check()
    box(at, 3).check()
    sheet = open_sheet(at, "Tags…")
    expect(sheet).to_contain_text("Tags of 2 users")
    sheet.get_by_role("button", name="Save the tags").click()
    expect(sheet).to_contain_text("Choose tags to add or to remove.")
    problems.clear()  # Chromium reports the 422
    sheet.get_by_role("group", name="Add").get_by_label("vip").check()
    sheet.get_by_label("Add new tags").fill("beta, spring")
    sheet.get_by_role("button", name="Save the tags").click()
    expect(at.locator(".notices")).to_contain_text("Tags changed: 2 of 2 users.")
    expect(row(at, 3)).to_contain_text("vip")
    expect(row(at, 3)).to_contain_text("spring")
    expect(row(at, 4)).not_to_contain_text("vip")
    expect_query(at, "sort=name")


def test_blocked_users_are_marked_found_and_unblocked(at: Page) -> None:
    box(at, 7).check()
    sheet = open_sheet(at, "Block…")
    sheet.get_by_label("Reason").fill("Sends spam")
    sheet.get_by_label("7 days").check()
    sheet.get_by_role("button", name="Block 1 user").click()
    expect(row(at, 7).locator(".blocked-mark")).to_have_text("Blocked")
    at.get_by_role("navigation", name="Views").get_by_role("link", name="Blocked").click()
    expect(at.locator(".user-name")).to_have_text(["Visitor 007"])
    expect(at.locator(".view-rule")).to_contain_text("May not write now")
    expect(row(at, 7)).to_contain_text("Sends spam")
    box(at, 7).check()
    open_sheet(at, "Unblock…").get_by_role("button", name="Unblock", exact=True).click()
    expect(at.locator("[data-empty=no-match]")).to_be_visible()


def test_a_large_job_continues_in_the_background_with_its_progress(
    at: Page, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plan(agent, "pro", color="blue")
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    at.get_by_label("Select all on this page").check()
    at.get_by_label("All 25 that match").check()
    sheet = open_sheet(at, "Plan…")
    expect(sheet).to_contain_text("It runs in the background, and you can stop it.")
    sheet.get_by_label("Plan").select_option("pro")
    sheet.get_by_role("button", name="Assign the plan").click()
    progress = at.locator(".job")
    expect(progress).to_contain_text("Assigning a plan 0 of 25")
    bulk.work(BulkJob.objects.get().id)
    expect(progress).to_contain_text("25 of 25 · 25 changed · Done")
    at.get_by_role("link", name="Refresh the list").click()
    expect(progress).to_have_count(0)
    expect(row(at, 20)).to_contain_text("Pro")


def test_an_erasure_asks_for_the_number_and_is_done(at: Page, problems: list[str]) -> None:
    box(at, 1).check()
    box(at, 2).check()
    sheet = open_sheet(at, "Erase…")
    expect(sheet).to_contain_text("It cannot be undone.")
    sheet.get_by_label("Type 2 to erase them").fill("3")
    sheet.get_by_role("button", name="Erase 2 users").click()
    expect(sheet).to_contain_text("Type 2, the number of the users.")
    problems.clear()  # Chromium reports the 422
    sheet.get_by_label("Type 2 to erase them").fill("2")
    sheet.get_by_role("button", name="Erase 2 users").click()
    expect(at.locator(".notices")).to_contain_text("2 of 2 users erased.")
    expect(at.locator(".users-count")).to_contain_text("of 23")


def test_a_view_is_saved_changed_and_left(at: Page, agent: Agent) -> None:
    open_list(at, agent, "?q=visitor+00")
    at.get_by_role("link", name="Save as a view…").click()
    sheet = at.get_by_role("dialog")
    sheet.get_by_label("Name").fill("The first nine")
    sheet.get_by_role("button", name="Save").click()
    views = at.get_by_role("navigation", name="Views")
    current = views.locator("[aria-current]")
    expect(current).to_have_text("The first nine")
    expect(at.locator(".view-rule")).to_contain_text("Search: visitor 00")
    at.get_by_role("columnheader", name="Name").get_by_role("link").click()
    expect(current).to_have_text("The first nine")
    expect(at.locator(".view-changed")).to_be_visible()
    at.get_by_role("button", name="Save changes").click()
    expect(at.locator(".view-changed")).to_have_count(0)
    expect(at.locator(".view-rule")).to_contain_text("sorted by “Name”, ascending")
    views.get_by_role("link", name="All", exact=True).click()
    expect(at.locator(".users-count")).to_contain_text("of 25")
    at.go_back()
    expect(current).to_have_text("The first nine")
    at.get_by_role("link", name="Delete…").click()
    at.get_by_role("dialog").get_by_role("button", name="Delete the view").click()
    expect(views.get_by_role("link", name="The first nine")).to_have_count(0)


def test_a_file_of_the_selected_users_is_downloaded(at: Page) -> None:
    box(at, 4).check()
    sheet = open_sheet(at, "Export…")
    sheet.get_by_label("Active days").check()
    with at.expect_download() as download:
        sheet.get_by_role("button", name="Download").click()
    assert re.fullmatch(r"ada-users-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)
    rows = download.value.path().read_text("utf-8-sig").splitlines()
    assert "Active days" in rows[0]
    assert [re.findall(r"Visitor \d+", line) for line in rows[1:]] == [["Visitor 004"]]
    expect(sheet).to_be_hidden()


def test_live_mode_keeps_the_selection(at: Page, agent: Agent) -> None:
    at.clock.install()
    open_list(at, agent, "?sort=name&live=1")
    box(at, 2).check()
    make_user(agent, "Ada")
    at.evaluate(WATCH_LIVE)
    at.clock.fast_forward(11_000)
    expect_live_held(at)
    expect(box(at, 2)).to_be_checked()


def test_actions_on_many_work_without_javascript(
    browser: Browser, live_server: LiveServer, agent: Agent, signed_in: Client
) -> None:
    make_users(agent, 5)
    cookie = next(iter(signed_in.cookies.values()))
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    open_list(page, agent, "?sort=name")
    for number in (2, 3):
        box(page, number).check()
    bar(page).get_by_role("button", name="Block…", exact=True).click()
    page.get_by_label("Reason").fill("Spam")
    page.get_by_role("button", name="Block 2 users").click()
    expect(page.locator(".blocked-mark")).to_have_count(2)
    page.get_by_role("link", name="Export…").click()
    expect(page.get_by_role("heading", name="Export 5 users")).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_bar_and_its_sheets_are_accessible(at: Page, scheme: str, width: int) -> None:
    at.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    at.set_viewport_size({"width": width, "height": 844})
    box(at, 2).check()
    assert violations(at) == []
    assert at.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for name in ("Tags…", "Block…", "Erase…", "Export…"):
        open_sheet(at, name)
        assert violations(at) == []
        at.keyboard.press("Escape")
        expect(at.get_by_role("dialog")).to_be_hidden()
