"""The widget on a foreign site whose policy is as strict as possible."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from django.utils.html import escape
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect
from pytest_django.live_server_helper import LiveServer

from frontdesk.agents.models import Agent
from frontdesk.core.encryption import encrypt
from frontdesk.ledger.models import EndUser
from tests.browser.accessibility import violations
from tests.channels.web.chatting import Script, open_chat, sign
from tests.fakes.quiet_server import QuietServer

SITE = """<!doctype html><html lang="en"><title>A shop</title>
<meta name="viewport" content="width=device-width">
<main><h1>A shop</h1><p><button>Buy</button></p></main>{tags}</html>"""
TAG = '<script src="{desk}/widget.js" data-agent="{agent}" {data} async></script>'
POLICY = (
    "default-src 'none'; script-src {desk}; connect-src {desk}; frame-src {desk};"
    " require-trusted-types-for 'script'"
)


class Site:
    """A site on another origin than Frontdesk's.

    `data` are further attributes of its script tag, which it contains `tags` times.
    """

    def __init__(self, desk: str, agent: Agent) -> None:
        self.desk, self.agent, self.data, self.tags = desk, agent, "", 1
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                tag = TAG.format(desk=site.desk, agent=site.agent.id, data=site.data)
                body = SITE.format(tags=tag * site.tags).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", POLICY.format(desk=site.desk))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = QuietServer(Handler)
        self.server.daemon_threads = True  # Chromium opens connections ahead of its requests
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def site(live_server: LiveServer, context: BrowserContext, agent: Agent) -> Iterator[Site]:
    """A site besides Frontdesk that the browser may visit."""
    site = Site(live_server.url, agent)
    context.route(f"{site.origin}/**", lambda route: route.continue_())
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def play(agent: Agent, site: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Script]:
    """Opens the agent's chat to the site; its arguments are the agent's answers."""

    def playing(*pieces: object) -> Script:
        open_chat(agent, origins=[site.origin], secret=encrypt("s3cret"))
        return Script(*pieces).play(monkeypatch)

    return playing


@pytest.fixture
def same_site(site: Site, context: BrowserContext) -> Site:
    """The site under Frontdesk's own host name, on another port.

    A browser without third-party storage, as this one, remembers visitors only then.
    """
    site.origin = site.origin.replace("127.0.0.1", "localhost")
    context.route(f"{site.origin}/**", lambda route: route.continue_())
    return site


Play = Callable[..., Script]


def open_widget(page: Page) -> FrameLocator:
    page.get_by_role("button", name="Open the chat").click()
    chat = page.frame_locator("frontdesk-widget iframe")
    expect(chat.get_by_role("button", name="Usage")).to_be_visible()
    return chat


def write(chat: FrameLocator, text: str) -> None:
    chat.get_by_role("textbox").fill(text)
    chat.get_by_role("textbox").press("Enter")


def test_a_visitor_of_a_foreign_site_chats_and_shows_in_users_live(
    page: Page, signed_in_page: Page, context: BrowserContext, agent: Agent, site: Site, play: Play
) -> None:
    play("Hello ", "there.")
    users = signed_in_page
    users.clock.install()
    users.goto(f"/agents/{agent.id}/users?live=1")
    shop = context.new_page()
    shop.goto(f"{site.origin}/shoes?secret=1")
    chat = open_widget(shop)
    expect(chat.get_by_role("textbox")).to_be_focused()
    for number, text in enumerate(("Do you have shoes?", "In red?"), 1):
        write(chat, text)
        expect(chat.locator(".prose")).to_have_text(["Hello there."] * number)
        # Only once the answer is recorded: until then Stop is in its place.
        expect(chat.get_by_role("button", name="Send")).to_be_visible()
    users.clock.fast_forward(16_000)
    row = users.locator("tr", has=users.locator(".user-link"))
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Web")
    figures = (1, 4, 2)
    for figure in figures:
        expect(row.get_by_role("cell", name=str(figure), exact=True)).to_be_visible()
    visitor = EndUser.objects.get()
    assert visitor.attributes == {"page": f"{site.origin}/shoes"}
    assert figures == (
        visitor.total_sessions,
        visitor.total_chat_messages,
        visitor.total_messages_sent,
    )


def test_focus_moves_in_and_back_and_news_show_a_dot(page: Page, site: Site, play: Play) -> None:
    script = play(Script.WAIT, "At last.")
    site.tags = 2  # by mistake
    page.goto(site.origin)
    chat = open_widget(page)
    write(chat, "Hello")
    expect(chat.get_by_role("button", name="Stop")).to_be_visible()
    chat.get_by_role("textbox").press("Escape")
    button = page.get_by_role("button", name="Open the chat")
    expect(button).to_have_count(1)
    expect(button).to_be_focused()
    expect(page.locator("frontdesk-widget iframe")).to_be_hidden()
    script.go.set()
    expect(page.get_by_role("button", name="Open the chat (1)")).to_be_visible()
    expect(page.locator("frontdesk-widget .dot")).to_be_visible()
    button.press("Enter")
    expect(chat.locator(".prose")).to_have_text("At last.")
    expect(page.locator("frontdesk-widget .dot")).to_be_hidden()
    chat.get_by_role("button", name="Close the chat").click()
    expect(page.locator("frontdesk-widget iframe")).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_a_site_that_is_not_allowed_gets_no_button(
    page: Page, agent: Agent, site: Site, problems: list[str]
) -> None:
    open_chat(agent, origins=["https://other.example"])
    with page.expect_console_message(lambda message: "Frontdesk" in message.text) as logged:
        page.goto(site.origin)
    assert f"{site.origin} is not among the sites" in logged.value.text
    expect(page.locator("frontdesk-widget")).to_have_count(0)
    page.evaluate("Frontdesk.open(); Frontdesk.close()")
    assert problems
    problems.clear()  # the 403


def test_the_site_identifies_the_visitor_at_first_or_later(
    page: Page, site: Site, play: Play
) -> None:
    play("Hi.")
    maya, omar = '{"id":"maya","name":"Maya"}', '{"id":"omar","name":"Omar"}'
    site.data = f'data-open data-user="{escape(maya)}" data-signature="{sign(maya, "s3cret")}"'
    page.goto(site.origin)
    chat = page.frame_locator("frontdesk-widget iframe")
    expect(chat.get_by_role("button", name="Usage")).to_be_visible()
    write(chat, "I am Maya")
    expect(chat.locator(".prose")).to_have_text("Hi.")
    page.evaluate(
        "([user, signature]) => Frontdesk.identify({ user, signature })",
        [omar, sign(omar, "s3cret")],
    )
    expect(chat.get_by_text("I am Maya")).to_have_count(0)
    expect(chat.get_by_role("button", name="New dialogue")).to_be_hidden()
    write(chat, "I am Omar")
    expect(chat.locator(".prose")).to_have_text("Hi.")
    assert sorted(EndUser.objects.values_list("external_id", "name")) == [
        ("maya", "Maya"),
        ("omar", "Omar"),
    ]


def test_an_identified_visitor_is_forgotten_when_the_site_no_longer_names_them(
    page: Page, site: Site, play: Play
) -> None:
    play("Hi.")
    user = '{"id":"maya"}'
    site.data = f'data-user="{escape(user)}" data-signature="{sign(user, "s3cret")}"'
    page.goto(site.origin)
    chat = open_widget(page)
    write(chat, "I am Maya")
    expect(chat.locator(".prose")).to_have_text("Hi.")
    site.data = ""
    page.goto(site.origin)
    chat = open_widget(page)
    expect(chat.get_by_role("textbox")).to_be_enabled()
    expect(chat.locator(".bubble")).to_have_count(0)


def identity_of(id_: str) -> str:
    """The attributes of the script tag for a visitor who is signed in at the site."""
    user = f'{{"id":"{id_}"}}'
    return f'data-open data-user="{escape(user)}" data-signature="{sign(user, "s3cret")}"'


def arrive(page: Page, site: Site, data: str) -> FrameLocator:
    """Load the site's page, for a visitor with these attributes, with the widget open."""
    site.data = data
    page.goto(site.origin)
    chat = page.frame_locator("frontdesk-widget iframe")
    expect(chat.get_by_role("button", name="Usage")).to_be_visible()
    expect(chat.get_by_role("textbox")).to_be_enabled()
    return chat


def test_a_visitor_who_signs_in_keeps_the_dialogue_and_the_next_one_does_not_see_it(
    page: Page, same_site: Site, play: Play
) -> None:
    site, script = same_site, play("One, ", Script.WAIT, "two.")
    said = ".bubble, .prose"
    chat = arrive(page, site, "data-open")
    write(chat, "Count")
    expect(chat.locator(".prose")).to_have_text("One,")
    chat = arrive(page, site, identity_of("maya"))
    expect(chat.locator(said)).to_have_text(["Count", "One,"])
    script.go.set()
    expect(chat.locator(said)).to_have_text(["Count", "One, two."])
    expect(chat.get_by_role("button", name="Send")).to_be_visible()
    script.pieces = ["Yes."]
    write(chat, "I am Maya")
    expect(chat.locator(said)).to_have_text(["Count", "One, two.", "I am Maya", "Yes."])
    expect(chat.get_by_role("button", name="Send")).to_be_visible()
    assert [[turn.text for turn in each.history] for each in script.questions] == [
        [],
        ["Count", "One, two."],
    ]
    chat.get_by_role("textbox").fill("Half a thought")

    chat = arrive(page, site, "data-open")
    expect(chat.locator(said)).to_have_count(0)
    expect(chat.get_by_role("textbox")).to_have_value("")
    write(chat, "Who am I?")
    expect(chat.locator(said)).to_have_text(["Who am I?", "Yes."])
    expect(chat.get_by_role("button", name="Send")).to_be_visible()
    assert script.questions[-1].history == []

    chat = arrive(page, site, identity_of("omar"))
    expect(chat.locator(said)).to_have_text(["Who am I?", "Yes."])
    chat = arrive(page, site, identity_of("maya"))
    expect(chat.locator(said)).to_have_text(["Count", "One, two.", "I am Maya", "Yes."])
    expect(chat.get_by_role("textbox")).to_have_value("Half a thought")
    persons = EndUser.objects.exclude(person_id=None).values_list("person_id", flat=True)
    assert (len(persons), len(set(persons))) == (4, 2)


def test_a_visitor_who_signs_in_without_a_new_page_keeps_the_running_answer(
    page: Page, site: Site, play: Play
) -> None:
    script = play("One, ", Script.WAIT, "two.")
    chat = arrive(page, site, "data-open")
    write(chat, "Count")
    expect(chat.locator(".prose")).to_have_text("One,")
    chat.get_by_role("textbox").fill("And then")
    maya = '{"id":"maya"}'
    page.evaluate(
        "([user, signature]) => Frontdesk.identify({ user, signature })",
        [maya, sign(maya, "s3cret")],
    )
    expect(chat.get_by_role("button", name="Stop")).to_be_visible()
    script.go.set()
    expect(chat.locator(".bubble, .prose")).to_have_text(["Count", "One, two."])
    expect(chat.get_by_role("button", name="Send")).to_be_visible()
    expect(chat.get_by_role("textbox")).to_have_value("And then")
    assert len(script.questions) == 1
    page.evaluate("Frontdesk.identify()")
    expect(chat.locator(".bubble, .prose")).to_have_count(0)
    expect(chat.get_by_role("textbox")).to_have_value("")
    expect(chat.get_by_role("textbox")).to_be_enabled()


def test_another_window_of_a_visitor_who_signed_in_begins_anew(
    page: Page, context: BrowserContext, same_site: Site, play: Play, problems: list[str]
) -> None:
    play("Yes.")
    site = same_site
    chat = arrive(page, site, "data-open")
    write(chat, "One")
    expect(chat.locator(".prose")).to_have_text("Yes.")
    expect(chat.get_by_role("button", name="Send")).to_be_visible()
    other = arrive(context.new_page(), site, identity_of("maya"))
    expect(other.locator(".bubble, .prose")).to_have_text(["One", "Yes."])
    write(chat, "Still here?")
    expect(chat.locator(".bubble, .prose")).to_have_count(0)
    expect(chat.get_by_role("textbox")).to_have_value("Still here?")
    expect(chat.get_by_role("button", name="Send")).to_be_enabled()
    write(chat, "As someone new")
    expect(chat.locator(".bubble, .prose")).to_have_text(["As someone new", "Yes."])
    expect(chat.get_by_role("button", name="Send")).to_be_visible()
    assert {"401" in problem for problem in problems} == {True}
    problems.clear()  # the token that has ended


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_it_fills_the_screen(page: Page, site: Site, play: Play, scheme: str) -> None:
    play("Hi.")
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    site.data = 'data-position="left"'
    page.goto(site.origin)
    button = page.get_by_role("button", name="Open the chat")
    box = button.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (20, 56)
    chat = open_widget(page)
    expect(button).to_be_hidden()
    assert page.locator("frontdesk-widget iframe").bounding_box() == {
        "x": 0,
        "y": 0,
        "width": 390,
        "height": 800,
    }
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # The site is light, whatever the system prefers.
    assert chat.locator("html").evaluate("e => getComputedStyle(e).colorScheme") == "light"
    chat.get_by_role("button", name="Close the chat").click()
    expect(button).to_be_visible()
    assert violations(page) == []
