"""The analytics of one agent as the operator uses them."""

import datetime as dt

import pytest
from django.utils.timezone import now
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from frontdesk.agents.models import Agent
from tests.browser.accessibility import violations
from tests.factories import make_event, record_events

NEWCOMERS = "#block-newcomers"


@pytest.fixture
def visited(agent: Agent) -> Agent:
    """Three users today, two of them also yesterday, and one more ten days ago."""
    for days_ago, names in ((10, "d"), (1, "ab"), (0, "abc")):
        record_events(
            agent,
            *(
                make_event(
                    external_id=name,
                    platform="web" if name == "a" else "telegram",
                    name=name.upper(),
                    time=now() - dt.timedelta(days=days_ago),
                )
                for name in names
            ),
        )
    return agent


def open_page(page: Page, agent: Agent, query: str = "") -> None:
    page.goto(f"/agents/{agent.id}/analytics{query}")


def expect_users(page: Page, *names: str) -> None:
    """Expect these in the list, in any order."""
    found = page.locator(".user-name")
    expect(found).to_have_count(len(names))
    assert sorted(found.all_inner_texts()) == list(names)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_accessible_and_fits(
    signed_in_page: Page, visited: Agent, scheme: str, width: int
) -> None:
    page = signed_in_page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    for period in ("90d", "7d"):
        open_page(page, visited, f"?period={period}")
        page.locator("details").evaluate_all("all => all.forEach((each) => (each.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert violations(page) == []


def test_the_period_changes_in_place_and_back(signed_in_page: Page, visited: Agent) -> None:
    page = signed_in_page
    open_page(page, visited)
    page.evaluate("window.stays = true")
    page.get_by_role("link", name="7 days").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/analytics?period=7d")
    expect(page.get_by_role("link", name="7 days")).to_be_focused()
    page.get_by_text("All platforms").first.click()
    page.locator(".menu-platform").get_by_role("link", name="Web").click()
    page.wait_for_url("**/analytics?period=7d&platform=web")
    expect(page.locator(".picker-platform")).to_have_text("Web only")
    expect(page.locator("time-chart canvas").first).to_be_visible()
    assert page.evaluate("window.stays")
    page.go_back()
    page.wait_for_url("**/analytics?period=7d")
    expect(page.locator(".picker-platform")).to_have_count(0)
    expect(page.locator("time-chart canvas")).to_have_count(page.locator("time-chart").count())


def test_days_are_chosen_by_a_form(signed_in_page: Page, visited: Agent) -> None:
    page = signed_in_page
    open_page(page, visited, "?by=week")
    page.get_by_text("From – to").click()
    page.get_by_label("From").first.fill("2026-01-08")
    page.get_by_label("To", exact=True).fill("2026-01-14")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".picker-words strong")).to_have_text("8 – 14 Jan 2026")
    expect(page.locator(".segments [aria-current]")).to_have_text(["Week"])


def test_a_chart_is_read_and_opened_by_keys(signed_in_page: Page, visited: Agent) -> None:
    page = signed_in_page
    open_page(page, visited, "?period=7d")
    plot = page.locator(f"{NEWCOMERS} .time-chart-plot")
    expect(plot.locator("canvas")).to_have_attribute("role", "img")
    plot.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    said = page.locator(f"{NEWCOMERS} output")
    expect(said).to_contain_text("until now: New 1")
    page.keyboard.press("ArrowDown")
    expect(said).to_contain_text("Returning 2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/users?**")
    expect_users(page, "A", "B")


def test_a_click_on_a_bar_opens_its_users(signed_in_page: Page, visited: Agent) -> None:
    page = signed_in_page
    open_page(page, visited, "?period=7d")
    over = page.locator(f"{NEWCOMERS} .u-over")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box
    over.click(
        position={"x": box["width"] * 13 / 14, "y": box["height"] - 5}
    )  # today's, the lowest
    page.wait_for_url("**/users?**joined_from**")
    expect_users(page, "C")


def test_charts_follow_theme_and_width(signed_in_page: Page, visited: Agent) -> None:
    page = signed_in_page
    open_page(page, visited)
    canvas = page.locator(f"{NEWCOMERS} canvas")
    before = canvas.evaluate("(each) => each.toDataURL()")
    page.get_by_role("button", name="Switch between light and dark").click()
    page.wait_for_function(
        "(old) => document.querySelector('#block-newcomers canvas').toDataURL() !== old", arg=before
    )
    page.set_viewport_size({"width": 420, "height": 800})
    page.wait_for_function("document.querySelector('#block-newcomers canvas').clientWidth < 420")
    page.wait_for_function("document.documentElement.scrollWidth === 420")


def test_the_numbers_are_shown_in_print(signed_in_page: Page, visited: Agent) -> None:
    page = signed_in_page
    open_page(page, visited)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(f"{NEWCOMERS} table")).to_be_visible()
    expect(page.locator(".picker")).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    expect(page.locator(f"{NEWCOMERS} table")).to_be_hidden()


def test_it_is_read_without_javascript(
    browser: Browser, live_server: LiveServer, signed_in_page: Page, visited: Agent
) -> None:
    state = signed_in_page.context.storage_state()
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, storage_state=state
    )
    page = context.new_page()
    open_page(page, visited)
    page.get_by_role("link", name="7 days").click()
    page.locator(f"{NEWCOMERS} .numbers summary").click()
    page.locator(f"{NEWCOMERS} tbody tr").last.get_by_role("link", name="2").click()
    expect_users(page, "A", "B")
    context.close()
