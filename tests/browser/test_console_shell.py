"""What console.js does on every page."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from tests.browser.accessibility import violations
from tests.factories import make_bot, make_web_chat

SEARCH = """
() => {
  document.getElementById("content").insertAdjacentHTML("beforeend", `
    <input type="search" name="q" aria-label="Search" hx-get="/part" hx-target="#part">
    <div id="part">before</div>`);
  htmx.process(document.getElementById("content"));
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_accessible_and_fit(
    signed_in_page: Page, agent: Agent, scheme: str, width: int
) -> None:
    page = signed_in_page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    make_web_chat(agent)
    make_bot(agent, state="failed")
    for path in ("", "/settings", "/edit", "/archive", "/analytics"):
        page.goto(f"/agents/{agent.id}{path}" if path else "/agents")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_sign_in_is_accessible(page: Page) -> None:
    for path in ("/accounts/login", "/accounts/signup", "/accounts/password/reset"):
        page.goto(path)
        assert violations(page) == []


def test_a_new_installation_is_accessible(signed_in_page: Page) -> None:
    signed_in_page.goto("/agents")
    expect(signed_in_page.get_by_text("Welcome to your front desk")).to_be_visible()
    assert violations(signed_in_page) == []


def test_the_theme_is_remembered(signed_in_page: Page, operator: Operator) -> None:
    page = signed_in_page
    page.emulate_media(color_scheme="dark")
    page.goto("/agents")
    with page.expect_response("**/accounts/theme"):
        page.get_by_label("Switch between light and dark").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_the_browser_sends_its_zone_once(signed_in_page: Page, operator: Operator) -> None:
    with signed_in_page.expect_response("**/accounts/time-zone"):
        signed_in_page.goto("/agents")
    operator.refresh_from_db()
    assert operator.time_zone == "UTC"


def test_keys(signed_in_page: Page, agent: Agent) -> None:
    page = signed_in_page
    page.goto(f"/agents/{agent.id}/settings")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    page.route("**/part*", lambda route: route.fulfill(body="after"))
    page.evaluate(SEARCH)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("g?a")
    expect(page.get_by_role("searchbox")).to_have_value("g?a")
    page.get_by_role("searchbox").blur()
    page.keyboard.type("ga")
    page.wait_for_url("**/agents")


def test_a_double_click_makes_one_agent(signed_in_page: Page) -> None:
    signed_in_page.goto("/agents/new")
    signed_in_page.get_by_label("Name").fill("Ada")
    signed_in_page.get_by_role("button", name="Create agent").dblclick()
    signed_in_page.wait_for_url("**/agents/*/analytics")
    assert Agent.objects.count() == 1


def test_the_skip_link_is_the_first_stop(signed_in_page: Page) -> None:
    signed_in_page.goto("/agents")
    signed_in_page.keyboard.press("Tab")
    expect(signed_in_page.get_by_text("Skip to the content")).to_be_focused()
    signed_in_page.keyboard.press("Enter")
    expect(signed_in_page.locator("#content")).to_be_focused()


@pytest.mark.parametrize("trouble", ["offline", "error"])
def test_a_failed_load_offers_retry_and_keeps_what_was_typed(
    signed_in_page: Page, problems: list[str], trouble: str
) -> None:
    page = signed_in_page
    page.goto("/agents")
    page.route(
        "**/part*",
        lambda route: route.abort() if trouble == "offline" else route.fulfill(status=503),
    )
    page.evaluate(SEARCH)
    box = page.get_by_role("searchbox")
    box.fill("heron")
    box.press("Tab")
    expect(page.get_by_text("This could not be loaded")).to_be_visible()
    expect(page.locator("#part")).to_have_text("before")
    expect(box).to_have_value("heron")

    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body="after")

    page.unroute("**/part*")
    page.route("**/part*", answer)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#part")).to_have_text("after")
    expect(page.get_by_text("This could not be loaded")).to_have_count(0)
    expect(page.locator("html")).not_to_have_class(re.compile("is-loading"))
    assert re.fullmatch(r".*/part\?q=heron", asked[0])
    problems.clear()  # the failed request, which this test made


def test_a_session_that_has_ended_leads_to_sign_in_and_back(
    signed_in_page: Page, agent: Agent
) -> None:
    page = signed_in_page
    page.goto(f"/agents/{agent.id}/settings")
    page.evaluate(SEARCH.replace("/part", "/agents"))
    page.context.clear_cookies()
    page.get_by_role("searchbox").fill("heron")
    page.get_by_role("searchbox").press("Tab")
    page.wait_for_url("**/accounts/login?next=*")
    expect(page).to_have_url(re.compile(f"next=%2Fagents%2F{agent.id}%2Fsettings$"))
