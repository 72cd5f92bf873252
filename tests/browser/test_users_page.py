"""The Users page and a profile, as an operator uses them."""

import datetime as dt
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.record import record
from tests.browser.test_console_shell import violations
from tests.factories import make_event

HOSTILE = "<img src=x onerror=alert(1)>'\"</script><script>alert(2)</script>"
NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def users(agent: Agent) -> str:
    """The address of a list of 45 users: Ada wrote last, and User 1 to 44 before her."""
    record(
        agent,
        [
            make_event(time=NOW - dt.timedelta(hours=n), external_id=str(n), name=f"User {n}")
            for n in range(1, 45)
        ],
    )
    record(
        agent,
        [
            make_event(
                time=NOW - dt.timedelta(minutes=minutes),
                external_id="ada",
                name="Ada Lovelace",
                username="countess",
                platform="web",
                language="en",
            )
            for minutes in (10, 20, 30)
        ],
    )
    return f"/agents/{agent.id}/users"


def rows(page: Page) -> Locator:
    return page.locator("#users tbody tr")


def tell_a_message(agent: Agent, name: str) -> None:
    """Somebody new writes now."""
    event = make_event(time=dt.datetime.now(dt.UTC), external_id=name, name=name)
    assert record(agent, [event])[0].status == "recorded"


class TestList:
    def test_the_link_returns_here_after_sign_in(
        self, page: Page, users: str, operator: Operator
    ) -> None:
        page.goto(f"{users}?q=ada")
        page.get_by_label("Username").or_(page.locator("[name=login]")).first.fill("olivia")
        page.locator("[name=password]").fill("correct horse battery")
        page.locator("main button[type=submit]").click()
        page.wait_for_url(f"**{users}?q=ada")
        expect(rows(page)).to_have_count(1)

    def test_search_as_you_type_keeps_the_focus(self, signed_in_page: Page, users: str) -> None:
        page = signed_in_page
        page.goto(users)
        expect(rows(page)).to_have_count(20)
        page.keyboard.press("/")
        page.keyboard.type("lovel", delay=30)
        expect(rows(page)).to_have_count(1)
        expect(page).to_have_url(re.compile(r"\?q=lovel$"))
        page.keyboard.type("ace")
        expect(page).to_have_url(re.compile(r"\?q=lovelace$"))
        expect(page.locator("#users-q")).to_be_focused()
        page.keyboard.press("Escape")
        expect(rows(page)).to_have_count(20)
        expect(page.locator("#users-q")).to_have_value("")
        expect(page).to_have_url(re.compile(r"/users$"))

    def test_a_click_on_a_head_sorts_and_says_so(self, signed_in_page: Page, users: str) -> None:
        page = signed_in_page
        page.goto(f"{users}?page=2")
        head = page.locator("th.col-last_message")
        expect(head).to_have_attribute("aria-sort", "descending")
        page.get_by_role("link", name="Name", exact=True).click()
        expect(page.locator("th.col-name")).to_have_attribute("aria-sort", "ascending")
        expect(head).to_have_attribute("aria-sort", "none")
        expect(rows(page).first).to_contain_text("Ada Lovelace")
        expect(page.locator(".users-count")).to_have_text("1–20 of 45")
        page.get_by_role("link", name="Name", exact=True).click()
        expect(page.locator("th.col-name")).to_have_attribute("aria-sort", "descending")
        expect(rows(page).first).to_contain_text("User 9")

    def test_pages_forward_back_by_number_and_by_jumping(
        self, signed_in_page: Page, users: str
    ) -> None:
        page = signed_in_page
        page.goto(users)
        page.get_by_role("link", name="Forward").click()
        expect(page.locator(".users-count")).to_have_text("21–40 of 45")
        page.get_by_role("link", name="Page 3").click()
        expect(page.locator(".users-count")).to_have_text("41–45 of 45")
        page.get_by_role("link", name="Back").click()
        expect(page.locator(".users-count")).to_have_text("21–40 of 45")
        page.locator("#jump").fill("3")
        page.locator("#jump").press("Enter")
        expect(page.locator(".users-count")).to_have_text("41–45 of 45")
        expect(page).to_have_url(re.compile(r"page=3"))
        page.go_back()
        expect(page.locator(".users-count")).to_have_text("21–40 of 45")
        page.goto(f"{users}?page=99")
        expect(page.locator(".users-count")).to_have_text("41–45 of 45")

    def test_the_page_size_is_remembered_and_begins_at_page_one(
        self, signed_in_page: Page, users: str
    ) -> None:
        page = signed_in_page
        page.goto(f"{users}?page=3")
        page.get_by_role("link", name="10", exact=True).click()
        expect(page.locator(".users-count")).to_have_text("1–10 of 45")
        page.goto(users)
        expect(rows(page)).to_have_count(10)

    def test_filters_are_chips_that_go_one_by_one(self, signed_in_page: Page, users: str) -> None:
        page = signed_in_page
        page.goto(f"{users}?page=2")
        page.get_by_text("Filters", exact=True).click()
        page.get_by_role("checkbox", name=re.compile("Web")).check()
        page.get_by_role("group", name="Sent messages").get_by_label("at least").fill("2")
        page.get_by_role("button", name="Apply").click()
        expect(rows(page)).to_have_count(1)
        expect(page).to_have_url(re.compile(r"/users\?platform=web&sent_min=2$"))
        chips = page.locator(".chip")
        expect(chips).to_have_text(
            [re.compile("Platform: Web"), re.compile("Sent messages: 2 or more")]
        )
        chips.nth(1).click()
        expect(chips).to_have_count(1)
        page.get_by_role("link", name="Clear all").click()
        expect(rows(page)).to_have_count(20)
        page.go_back()
        expect(chips).to_have_count(1)
        expect(rows(page)).to_have_count(1)

    def test_what_cannot_be_understood_is_said(self, signed_in_page: Page, users: str) -> None:
        signed_in_page.goto(f"{users}?sessions_min=many&sort=beauty")
        notices = signed_in_page.locator(".notice-warning")
        expect(notices).to_have_text([re.compile("sessions_min"), re.compile("sort")])
        expect(rows(signed_in_page)).to_have_count(20)

    def test_columns_and_their_order_are_remembered(self, signed_in_page: Page, users: str) -> None:
        page = signed_in_page
        heads = page.locator("#users thead th")
        page.goto(users)
        page.get_by_text("Columns", exact=True).click()
        page.get_by_role("checkbox", name="Cost").check()
        page.get_by_role("checkbox", name="Platform").uncheck()
        page.get_by_role("button", name="Show these").click()
        expect(heads).to_have_text(
            ["Name", "Last message", "Sessions", "Chat msg", "Sent msg", "Cost"]
        )
        page.get_by_text("Columns", exact=True).click()
        page.get_by_role("button", name="Move Cost up").press("Enter")
        expect(heads.nth(4)).to_have_text("Cost")
        expect(page.get_by_role("button", name="Move Cost up")).to_be_focused()
        page.keyboard.press("Enter")
        expect(heads.nth(3)).to_have_text("Cost")
        page.reload()
        expect(heads).to_have_text(
            ["Name", "Last message", "Sessions", "Cost", "Chat msg", "Sent msg"]
        )

    def test_the_keyboard_walks_opens_and_comes_back(
        self, signed_in_page: Page, users: str
    ) -> None:
        page = signed_in_page
        page.goto(f"{users}?sort=name")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        expect(rows(page).nth(0).locator("a")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
        page.wait_for_load_state()
        page.keyboard.press("Escape")
        expect(page).to_have_url(re.compile(r"sort=name"))
        expect(rows(page)).to_have_count(20)

    def test_back_from_a_profile_shows_the_page_and_not_its_fragment(
        self, signed_in_page: Page, users: str
    ) -> None:
        page = signed_in_page
        page.goto(users)
        page.locator("#users-q").fill("countess")
        expect(rows(page)).to_have_count(1)
        rows(page).locator("a").click()
        expect(page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
        page.go_back()
        expect(page.locator(".topbar")).to_be_visible()
        expect(page.locator("#users-q")).to_have_value("countess")
        expect(rows(page)).to_have_count(1)

    def test_new_messages_show_without_a_reload(
        self, signed_in_page: Page, users: str, agent: Agent
    ) -> None:
        page = signed_in_page
        page.clock.install()
        page.goto(users)
        tell_a_message(agent, "Newcomer")
        page.clock.run_for(16_000)
        pill = page.locator(".new-pill")
        expect(pill).to_have_text("1 new")
        expect(rows(page).first).to_contain_text("Ada")  # nothing moves by itself
        pill.click()
        expect(rows(page).first).to_contain_text("Newcomer")
        expect(pill).to_have_count(0)

    def test_live_mode_refreshes_by_itself(
        self, signed_in_page: Page, users: str, agent: Agent
    ) -> None:
        page = signed_in_page
        page.clock.install()
        page.goto(users)
        page.get_by_role("link", name="Live").click()
        expect(page).to_have_url(re.compile("live=1"))
        expect(page.get_by_role("link", name="Live mode is on")).to_be_visible()
        tell_a_message(agent, "Newcomer")
        page.clock.run_for(11_000)
        expect(rows(page).first).to_contain_text("Newcomer")

    def test_live_mode_waits_for_who_is_choosing(self, signed_in_page: Page, users: str) -> None:
        page = signed_in_page
        page.clock.install()
        page.goto(f"{users}?live=1")
        page.get_by_text("Filters", exact=True).click()
        page.get_by_role("checkbox", name=re.compile("Web")).check()
        refreshed: list[str] = []
        page.on("request", lambda request: refreshed.append(request.url))
        page.clock.run_for(25_000)
        assert refreshed == []
        page.keyboard.press("Escape")
        with page.expect_request("**/users?live=1"):
            page.clock.run_for(11_000)

    def test_a_phone_shows_cards(self, signed_in_page: Page, users: str) -> None:
        page = signed_in_page
        page.set_viewport_size({"width": 390, "height": 800})
        page.goto(users)
        assert rows(page).first.evaluate("row => getComputedStyle(row).display") == "grid"
        for menu in ("Filters", "Columns"):
            page.get_by_text(menu, exact=True).click()
            expect(page.locator("details[open] .menu-panel")).to_be_in_viewport()
            page.keyboard.press("Escape")
            expect(page.locator("details[data-menu][open]")).to_have_count(0)

    def test_hostile_names_are_only_text(self, signed_in_page: Page, agent: Agent) -> None:
        page = signed_in_page
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        hostile = {"name": HOSTILE, "username": "<b>", "plan": HOSTILE[:90], "tags": [HOSTILE[:50]]}
        record(agent, [make_event(time=NOW, text=HOSTILE, **hostile)])
        page.goto(f"/agents/{agent.id}/users?q=onerror")
        expect(rows(page)).to_contain_text("<img src=x onerror=alert(1)>")
        rows(page).locator("a").click()
        expect(page.locator(".message-text").last).to_contain_text("<script>alert(2)</script>")


class TestEmpty:
    def test_nothing_yet_shows_how_to_begin(self, signed_in_page: Page, agent: Agent) -> None:
        signed_in_page.goto(f"/agents/{agent.id}/users")
        empty = signed_in_page.locator("[data-empty=nothing-yet]")
        expect(empty).to_contain_text(f"frontdesk import telegram result.json --agent {agent.id}")
        expect(empty).to_contain_text(f"/api/v1/agents/{agent.id}/messages")
        signed_in_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        empty.get_by_role("button", name="Copy").first.click()
        copied = signed_in_page.evaluate("navigator.clipboard.readText()")
        assert copied == f"frontdesk import telegram result.json --agent {agent.id}"

    def test_nothing_matches_offers_to_clear(self, signed_in_page: Page, users: str) -> None:
        page = signed_in_page
        page.goto(f"{users}?q=nobody&platform=web")
        page.locator("[data-empty=no-match]").get_by_role("link").click()
        expect(rows(page)).to_have_count(20)
        expect(page.locator("#users-q")).to_have_value("")

    def test_could_not_load_keeps_what_was_typed(
        self, signed_in_page: Page, users: str, problems: list[str]
    ) -> None:
        page = signed_in_page
        page.goto(users)
        page.route("**/users?q=*", lambda route: route.abort())
        page.locator("#users-q").fill("lovelace")
        trouble = page.locator("[data-empty=could-not-load]")
        expect(trouble).to_be_visible()
        expect(page.locator("#users-q")).to_have_value("lovelace")
        page.unroute("**/users?q=*")
        trouble.get_by_role("button", name="Try again").click()
        expect(rows(page)).to_have_count(1)
        problems.clear()  # the console tells of the aborted request


class TestProfile:
    @pytest.fixture
    def profile(self, agent: Agent) -> str:
        """A user with 130 messages, one an hour."""
        start = dt.datetime(2026, 10, 1, 0, 30, tzinfo=dt.UTC)
        record(
            agent,
            [
                make_event(
                    time=start + dt.timedelta(hours=n), name="Ada", text=f"Message {n}", role=role
                )
                for n, role in zip(range(130), ["user", "agent"] * 65, strict=True)
            ],
        )
        return f"/agents/{agent.id}/users/{EndUser.objects.get().id}"

    def test_history_is_read_page_by_page_both_ways(
        self, signed_in_page: Page, profile: str
    ) -> None:
        page = signed_in_page
        page.goto(profile)
        texts = page.locator(".message-text")
        expect(texts).to_have_text([f"Message {n}" for n in range(80, 130)])
        page.get_by_role("link", name="Earlier messages").click()
        expect(texts).to_have_text([f"Message {n}" for n in range(30, 80)])
        page.get_by_role("link", name="Earlier messages").click()
        expect(texts).to_have_text([f"Message {n}" for n in range(30)])
        expect(page.get_by_text("The first message")).to_be_visible()
        page.get_by_role("link", name="Later messages").click()
        expect(texts).to_have_text([f"Message {n}" for n in range(30, 80)])

    def test_a_date_and_a_link_lead_into_it(self, signed_in_page: Page, profile: str) -> None:
        page = signed_in_page
        page.goto(profile)
        page.get_by_label("Jump to").fill("2026-10-03")
        page.get_by_role("button", name="Go").click()
        expect(page.locator(".message-text").first).to_have_text("Message 48")
        expect(page.locator(".day").first).to_have_text("Saturday, 3 October 2026")
        page.locator(".message-time").nth(3).click()
        expect(page.locator(".message:target")).to_contain_text("Message 51")

    @pytest.mark.parametrize("path", ["0b8e2f7a-0000-4000-8000-000000000000", "nobody"])
    def test_nobody_there_is_not_found(
        self, signed_in_page: Page, agent: Agent, path: str, problems: list[str]
    ) -> None:
        answer = signed_in_page.goto(f"/agents/{agent.id}/users/{path}")
        assert answer is not None
        assert answer.status == 404
        problems.clear()

    def test_another_agents_user_is_not_found(
        self, signed_in_page: Page, profile: str, problems: list[str]
    ) -> None:
        other = Agent.objects.create(name="Bert")
        answer = signed_in_page.goto(f"/agents/{other.id}/users/{EndUser.objects.get().id}")
        assert answer is not None
        assert answer.status == 404
        problems.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_accessible_and_fits(
    signed_in_page: Page, agent: Agent, users: str, scheme: str, width: int
) -> None:
    page = signed_in_page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    newborn = Agent.objects.create(name="Newborn")
    addresses = [
        users,
        f"{users}?q=user&sessions_min=x&platform=telegram",
        f"{users}?q=nobody",
        f"/agents/{newborn.id}/users",
        f"{users}/{EndUser.objects.get(external_id='ada').id}",
    ]
    for address in addresses:
        page.goto(address)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(users)
    for menu in ("Filters", "Columns"):
        page.get_by_text(menu, exact=True).click()
        assert violations(page) == []
