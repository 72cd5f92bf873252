"""The Users page as the operator uses it."""

import re

import pytest
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import Browser, Dialog, Page, expect
from pytest_django.live_server_helper import LiveServer

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.console.users import list_views
from frontdesk.core.sql.budget import TooSlowError
from frontdesk.ledger.reachability import set_reachable
from frontdesk.people.table.columns import COLUMNS, DEFAULT
from tests.browser.accessibility import violations
from tests.factories import PASSWORD, make_user, make_users

# The page's own listener comes before this one.
WATCH_LIVE = """
document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.sourceElement.matches("[data-live]"))
    document.documentElement.dataset.liveWasHeld = event.defaultPrevented;
});
"""
XSS = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"


@pytest.fixture
def at(signed_in_page: Page, agent: Agent) -> Page:
    """A signed-in page; `open_list` brings it to the list."""
    return signed_in_page


def open_list(page: Page, agent: Agent, query: str = "") -> None:
    page.goto(f"/agents/{agent.id}/users{query}")


def expect_names(page: Page, *expected: str) -> None:
    expect(page.locator(".user-name")).to_have_text(list(expected))


def expect_query(page: Page, query: str) -> None:
    expect(page).to_have_url(re.compile(re.escape(f"/users?{query}" if query else "/users") + "$"))


def expect_live_held(page: Page) -> None:
    """The page wanted to refresh, and did not."""
    expect(page.locator("html")).to_have_attribute("data-live-was-held", "true")


# --- search -------------------------------------------------------------------------------------


def test_search_as_you_type(at: Page, agent: Agent) -> None:
    for name in ("Maria", "Mark", "Анна"):
        make_user(agent, name)
    open_list(at, agent)
    at.keyboard.press("/")
    at.keyboard.type("mar")
    expect(at.locator(".user-name")).to_have_count(2)
    box = at.get_by_role("searchbox")
    expect(box).to_be_focused()
    at.wait_for_url(f"**/agents/{agent.id}/users?q=mar")  # and no empty parameters

    at.keyboard.type("k")
    expect_names(at, "Mark")
    expect(box).to_have_value("mark")
    at.wait_for_url("**?q=mark")
    at.go_back()  # undoes the search, not its last letter
    expect(at.locator(".user-name")).to_have_count(3)
    expect(at.get_by_role("searchbox")).to_have_value("")
    at.go_forward()
    expect_names(at, "Mark")


def test_escape_clears_the_search(at: Page, agent: Agent) -> None:
    make_user(agent, "Maria")
    make_user(agent, "Анна")
    open_list(at, agent, "?q=анна&sort=name")
    expect_names(at, "Анна")
    at.keyboard.press("/")
    at.keyboard.press("Escape")
    expect_names(at, "Maria", "Анна")
    expect(at.get_by_role("searchbox")).to_have_value("")
    expect_query(at, "sort=name")


def test_a_search_keeps_the_filters_and_the_sort_and_returns_to_page_1(
    at: Page, agent: Agent
) -> None:
    make_users(agent, 25)
    make_user(agent, "Visitor T", platform="telegram")
    open_list(at, agent, "?platform=web&sort=name&page=2")
    expect(at.locator(".user-name")).to_have_count(5)
    at.get_by_role("searchbox").fill("visitor")
    expect(at.locator(".user-name")).to_have_count(20)
    at.wait_for_url("**/users?q=visitor&platform=web&sort=name")


# --- sort ---------------------------------------------------------------------------------------


def test_sorting_by_clicking_both_ways(at: Page, agent: Agent) -> None:
    make_user(agent, "Bea", 1)
    make_user(agent, "Ada", 2)
    make_user(agent, "Bea", 3)
    open_list(at, agent)
    head = at.get_by_role("columnheader", name="Last message")
    expect(head).to_have_attribute("aria-sort", "descending")
    expect_names(at, "Bea", "Ada")
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect_names(at, "Ada", "Bea")
    expect(head.get_by_role("link")).to_be_focused()

    at.get_by_role("columnheader", name="Name").get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "none")
    expect_names(at, "Ada", "Bea")
    expect_query(at, "sort=name")
    at.get_by_role("columnheader", name="Sent msg").get_by_role("link").click()
    expect_names(at, "Bea", "Ada")
    expect(at.get_by_role("columnheader", name="Platform")).not_to_have_attribute(
        "aria-sort", re.compile(".")
    )


# --- pages --------------------------------------------------------------------------------------


def test_walking_the_pages(at: Page, agent: Agent) -> None:
    make_users(agent, 45)
    open_list(at, agent)
    expect(at.locator(".users-count")).to_contain_text("1–20 of 45")
    pages = at.get_by_role("navigation", name="Pages")
    expect(pages.locator("[aria-disabled]")).to_have_text("Back")
    pages.get_by_text("Forward").click()
    expect(at.locator(".users-count")).to_contain_text("21–40 of 45")
    expect(at.locator(".user-name").first).to_have_text("Visitor 021")
    assert at.evaluate("document.getElementById('users').getBoundingClientRect().top >= 0")
    pages.get_by_role("link", name="Page 3").click()
    expect(at.locator(".users-count")).to_contain_text("41–45 of 45")
    expect(pages.locator("[aria-disabled]")).to_have_text("Forward")
    at.go_back()
    expect(at.locator(".users-count")).to_contain_text("21–40 of 45")
    pages.get_by_text("Back").click()
    expect(at.locator(".users-count")).to_contain_text("1–20 of 45")
    expect_query(at, "")


def test_jumping_to_a_page_past_the_end_shows_the_last(at: Page, agent: Agent) -> None:
    make_users(agent, 45)
    open_list(at, agent, "?sort=name")
    for page, first in (("3", "Visitor 041"), ("2", "Visitor 021"), ("99", "Visitor 041")):
        at.get_by_label("Page", exact=True).fill(page)
        at.get_by_label("Page", exact=True).press("Enter")
        expect(at.locator(".user-name").first).to_have_text(first)
    expect(at.locator(".pages [aria-current=page]")).to_have_text("Page 3")


def test_the_size_is_remembered_and_changes_return_to_page_1(at: Page, agent: Agent) -> None:
    make_users(agent, 45)
    open_list(at, agent, "?page=3")
    at.get_by_role("link", name="10", exact=True).click()
    expect(at.locator(".users-count")).to_contain_text("1–10 of 45")
    open_list(at, agent, "?page=2")
    expect(at.locator(".users-count")).to_contain_text("11–20 of 45")
    at.get_by_role("columnheader", name="Name").get_by_role("link").click()
    expect(at.locator(".users-count")).to_contain_text("1–10 of 45")
    open_list(at, agent, "?page=2")
    at.get_by_text("Filters").click()
    at.get_by_label("Web").check()
    at.get_by_role("button", name="Apply").click()
    expect(at.locator(".users-count")).to_contain_text("1–10 of 45")
    expect_query(at, "platform=web")


# --- filters ------------------------------------------------------------------------------------


def test_filters_become_chips_that_can_be_removed(at: Page, agent: Agent) -> None:
    make_user(agent, "Ada", language="en")
    make_user(agent, "Bea", platform="web", language="de")
    make_user(agent, "Cem", platform="web", language="en")
    make_user(agent, "Cem", 1, platform="web", language="en")
    open_list(at, agent)
    button = at.locator(".menu-filters summary")
    button.click()
    panel = at.locator(".menu-filters .menu-panel")
    panel.get_by_label("Web 2").check()
    panel.get_by_label("English 2").check()
    panel.get_by_role("group", name="Sent messages").get_by_label("at least").fill("2")
    panel.get_by_role("group", name="First seen").get_by_label("from").fill("2026-10-14")
    panel.get_by_role("button", name="Apply").click()
    expect_names(at, "Cem")
    expect(button).to_have_text(re.compile(r"Filters\s*4 in force"))
    expect_query(at, "platform=web&language=en&seen_from=2026-10-14&sent_min=2")
    chips = at.get_by_role("list", name="Filters in force")
    expect(chips.get_by_role("link")).to_have_text(
        [
            "Platform: Web, remove",
            "Language: English, remove",
            "First seen: from 2026-10-14, remove",
            "Sent messages: 2 or more, remove",
            "Clear all",
        ]
    )
    chips.get_by_text("Sent messages").click()
    expect(chips.get_by_role("link")).to_have_count(4)
    chips.get_by_text("Platform").click()
    expect(chips.get_by_role("link")).to_have_count(3)
    expect_names(at, "Cem", "Ada")
    expect(at.locator("#users")).to_be_focused()  # what had the focus is gone
    chips.get_by_text("Clear all").click()
    expect(chips).to_have_count(0)
    expect(at.locator(".user-name")).to_have_count(3)
    expect_query(at, "")


def test_a_date_replaces_a_preset(at: Page, agent: Agent) -> None:
    make_user(agent, "Long Ago")
    make_user(agent, "Just Now", time=now())
    open_list(at, agent)
    at.get_by_text("Filters").click()
    at.get_by_role("group", name="Last message", exact=True).get_by_label("Last 7 days").check()
    at.get_by_role("button", name="Apply").click()
    expect_names(at, "Just Now")
    at.get_by_text("Filters").first.click()
    last = at.get_by_role("group", name="Last message, days")
    last.get_by_label("to").fill("2026-10-14")
    last.get_by_label("to").dispatch_event("change")
    at.get_by_role("button", name="Apply").click()
    expect_names(at, "Long Ago")
    expect_query(at, "last_to=2026-10-14")


def test_reading_searching_and_filtering_work_without_javascript(
    browser: Browser, live_server: LiveServer, agent: Agent, signed_in: Client
) -> None:
    make_users(agent, 25)
    make_user(agent, "Ada")
    cookie = next(iter(signed_in.cookies.values()))
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    open_list(page, agent)
    page.get_by_text("Forward").click()
    expect(page.locator(".users-count")).to_contain_text("21–26 of 26")
    page.get_by_role("searchbox").fill("visitor 02")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".user-name")).to_have_count(7)  # 02, and 20 to 25 as 020 to 025
    page.get_by_role("link", name="Clear all").click()
    page.get_by_text("Filters").click()
    page.get_by_label("Telegram").check()
    page.get_by_role("button", name="Apply").click()
    expect_names(page, "Ada")
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("Cost").check()
    page.get_by_role("button", name="Show columns").click()
    expect(page.get_by_role("columnheader", name="Cost")).to_be_visible()
    page.locator(".user-link").click()
    expect(page.get_by_role("heading", level=2, name="Ada")).to_be_visible()
    context.close()


# --- columns ------------------------------------------------------------------------------------


def test_columns_and_their_order_are_remembered(at: Page, agent: Agent) -> None:
    usual = [str(COLUMNS[key].title) for key in DEFAULT]
    chosen = [*(title for title in usual if title not in ("Sessions", "Cost")), "Tags"]
    make_user(agent, "Ada")
    open_list(at, agent, "?sort=name")
    at.get_by_text("Columns", exact=True).click()
    at.get_by_label("Tags").check()
    at.get_by_label("Cost").uncheck()
    at.get_by_label("Sessions", exact=True).uncheck()
    at.get_by_role("button", name="Show columns").click()
    heads = at.locator(".users-table thead th")
    expect(heads).to_have_text(chosen)
    expect_query(at, "sort=name")

    at.get_by_text("Columns", exact=True).click()
    for _ in range(4):
        at.get_by_role("button", name="Move Tags up").click()
    expect(at.get_by_role("button", name="Move Tags up")).to_be_focused()
    at.get_by_role("button", name="Show columns").click()
    moved = [*chosen[:2], "Tags", *chosen[2:-1]]
    expect(heads).to_have_text(moved)
    open_list(at, agent)
    expect(heads).to_have_text(moved)
    at.get_by_text("Columns", exact=True).click()
    at.get_by_role("button", name="Reset").click()
    expect(heads).to_have_text(usual)


# --- nothing to show ----------------------------------------------------------------------------


def test_an_empty_list_says_how_to_start(at: Page, agent: Agent) -> None:
    open_list(at, agent)
    empty = at.locator("[data-empty=nothing-yet]")
    expect(empty).to_contain_text("No one has talked to Ada yet")
    expect(empty).to_contain_text(f"frontdesk import telegram result.json --agent {agent.id}")
    at.context.grant_permissions(["clipboard-read", "clipboard-write"])
    empty.get_by_role("button", name="Copy").first.click()
    expect(empty.get_by_text("Copied")).to_be_visible()
    copied = at.evaluate("navigator.clipboard.readText()")
    assert copied == f"frontdesk import telegram result.json --agent {agent.id}"


def test_nothing_matches_offers_to_clear(at: Page, agent: Agent) -> None:
    make_user(agent, "Ada")
    open_list(at, agent, "?q=zebra&platform=web")
    expect(at.locator("[data-empty=no-match]")).to_contain_text("No users match")
    at.get_by_role("link", name="Clear search and filters").click()
    expect_names(at, "Ada")
    expect(at.get_by_role("searchbox")).to_have_value("")


def test_a_list_that_is_not_ready_says_so_and_offers_retry(
    at: Page, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(agent, "Ada")

    def give_up(*_: object) -> None:
        raise TooSlowError

    with monkeypatch.context() as patch:
        patch.setattr(list_views, "users_page", give_up)
        open_list(at, agent, "?q=ada")
        expect(at.get_by_role("alert")).to_contain_text("took too long")
        expect(at.get_by_role("searchbox")).to_have_value("ada")
    at.get_by_role("link", name="Try again").click()
    expect_names(at, "Ada")


# --- news ---------------------------------------------------------------------------------------


def test_new_activity_shows_without_a_reload(at: Page, agent: Agent) -> None:
    make_user(agent, "Ada", time=now())
    at.clock.install()
    open_list(at, agent)
    make_user(agent, "Bea", time=now())
    make_user(agent, "Cem", time=now())
    at.clock.fast_forward(16_000)
    pill = at.locator(".new-pill")
    expect(pill).to_have_text("2 new")
    expect_names(at, "Ada")
    pill.click()
    expect_names(at, "Cem", "Bea", "Ada")
    expect(pill).to_have_count(0)


def test_new_activity_is_limited_to_the_list_shown(at: Page, agent: Agent) -> None:
    make_user(agent, "Ada", time=now())
    at.clock.install()
    open_list(at, agent, "?platform=telegram")
    make_user(agent, "Bea", platform="web", time=now())
    with at.expect_response("**/users/new*") as response:
        at.clock.fast_forward(16_000)
    assert "new-pill" not in response.value.text()
    expect(at.locator(".new-pill")).to_have_count(0)


def test_live_mode_refreshes_but_not_under_the_operators_hands(at: Page, agent: Agent) -> None:
    make_user(agent, "Ada")
    at.clock.install()
    open_list(at, agent, "?sort=name")
    at.get_by_role("link", name="Live").click()
    expect(at.get_by_role("link", name="Live mode is on")).to_be_visible()
    expect_query(at, "sort=name&live=1")
    at.locator(".user-link").focus()
    make_user(agent, "Bea")
    at.clock.fast_forward(11_000)
    expect_names(at, "Ada", "Bea")
    expect(at.locator(".user-link").first).to_be_focused()

    at.get_by_text("Filters").click()
    at.get_by_label("Telegram").check()
    make_user(agent, "Cem")
    at.evaluate(WATCH_LIVE)
    at.clock.fast_forward(11_000)
    expect_live_held(at)
    expect(at.get_by_label("Telegram")).to_be_checked()
    expect_names(at, "Ada", "Bea")
    at.keyboard.press("Escape")
    at.clock.fast_forward(11_000)
    expect_names(at, "Ada", "Bea", "Cem")


# --- keys, phone, hostile names -----------------------------------------------------------------


def test_keys(at: Page, agent: Agent) -> None:
    for minutes, name in enumerate(("Cem", "Bea", "Ada")):
        make_user(agent, name, minutes)
    open_list(at, agent, "?sort=name")
    links = at.locator(".user-link")
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1)):
        at.keyboard.press(key)
        expect(links.nth(place)).to_be_focused()
    at.keyboard.press("Enter")
    expect(at.get_by_role("heading", level=2, name="Bea")).to_be_visible()
    at.wait_for_load_state()  # the keys need the script
    at.keyboard.press("Escape")
    expect_names(at, "Ada", "Bea", "Cem")
    expect_query(at, "sort=name")
    at.wait_for_load_state()
    at.keyboard.press("?")
    expect(at.get_by_role("dialog", name="Keyboard")).to_be_visible()
    at.keyboard.press("Escape")
    at.get_by_text("Filters").click()
    at.keyboard.press("Escape")
    expect(at.locator(".menu-panel").first).to_be_hidden()
    expect(at.locator(".menu-filters summary")).to_be_focused()


def test_a_click_on_a_time_opens_the_user_as_the_rest_of_the_row_does(
    at: Page, agent: Agent
) -> None:
    make_user(agent, "Ada")
    open_list(at, agent)
    at.wait_for_load_state()
    at.locator(".users-table td time").first.click()
    expect(at.get_by_role("heading", level=2, name="Ada")).to_be_visible()


def test_a_phone_shows_cards(at: Page, agent: Agent) -> None:
    make_users(agent, 60)
    make_user(agent, "N" * 200, username="u" * 64, tags=["t" * 60], plan="p" * 60)
    at.set_viewport_size({"width": 390, "height": 844})
    open_list(at, agent)
    row = at.locator(".users-table tbody tr").first
    assert row.evaluate("row => getComputedStyle(row).display") == "grid"
    for menu in ("", ".menu-filters summary", ".menu-columns summary"):
        if menu:
            at.locator(menu).click()
        assert at.evaluate("document.documentElement.scrollWidth <= innerWidth")
    at.keyboard.press("Escape")
    row.click()
    expect(at.get_by_role("heading", level=2).first).to_contain_text("NNN")
    at.wait_for_load_state()  # before, its style sheet may be on the way
    assert at.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_users_input_is_never_markup(at: Page, agent: Agent, operator: Operator) -> None:
    operator.remember(users_columns=["name", "subscription", "tags", "language", "platform"])
    user = make_user(
        agent,
        XSS,
        external_id=XSS,
        username=XSS[:60],
        text=XSS + XSS * 30,
        plan=XSS[:60],
        tags=[XSS[:60]],
        attributes={XSS: XSS},
    )
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    at.on("dialog", dismiss)
    open_list(at, agent, "?q=%3Cimg%20src=x%20onerror=alert(1)%3E")
    expect_names(at, XSS)
    at.goto(f"/agents/{agent.id}/users/{user.id}")
    expect(at.get_by_role("heading", level=2).first).to_contain_text(XSS)
    expect(at.locator("main img, main script, #content img")).to_have_count(0)
    assert dialogs == []


def test_the_direct_link_returns_here_after_sign_in(
    page: Page, agent: Agent, operator: Operator
) -> None:
    make_users(agent, 3)
    open_list(page, agent, "?q=visitor&sort=name")
    page.wait_for_url("**/accounts/login?next=**")
    page.get_by_label("E-mail or username").fill(operator.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect_names(page, "Visitor 001", "Visitor 002", "Visitor 003")
    expect_query(page, "q=visitor&sort=name")


# --- accessibility ------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_accessible(at: Page, agent: Agent, scheme: str, width: int) -> None:
    at.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    at.set_viewport_size({"width": width, "height": 800})
    open_list(at, agent)
    assert violations(at) == []
    make_users(agent, 11)
    make_user(agent, "Ada", username="ada", language="de", tags=["vip"], plan="pro")
    gone = make_user(agent, "", external_id="nameless", platform="matrix")
    set_reachable(agent, gone.id, reachable=False, at=now(), cause="blocked the bot")
    lost = "?status=unreachable&columns=name,reachability,last_message"
    for query in (
        "?page_size=10",
        lost,
        "?q=v&platform=web&sent_min=1&page_size=10&page=2",
        "?q=zebra",
        "?sort=nonsense&live=1",
    ):
        open_list(at, agent, query)
        assert violations(at) == []
        assert at.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for menu in (".menu-filters", ".menu-columns", ".definitions"):
        at.locator(f"{menu} summary").first.click()
        assert violations(at) == []
