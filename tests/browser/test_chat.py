"""The chat page as the person uses it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, BrowserContext, Locator, Page, Route, expect

from frontdesk.agents.models import Agent
from frontdesk.backends.question import BackendError
from frontdesk.core.encryption import encrypt
from frontdesk.ledger.linking import issue_token
from frontdesk.ledger.models import EndUser, Message
from tests.browser.accessibility import violations
from tests.channels.web.chatting import Script, open_chat, sign
from tests.factories import make_bot, make_user

HOSTILE = """<img src=x onerror="document.title='hit'"> <script>document.title='hit'</script>

![pixel](https://tracker.example/p.png) [![in](https://tracker.example/q.png)](https://ok.example)

[bad](javascript:document.title='hit') [data](data:text/html,hit) [inner](/agents) main.py

| a | b |
|:-:|--:|
| 1 | <b>2</b> |

```"><b>python
print("hi")
```
"""

WIDE = f"""# Title

Some words, [a link](https://ok.example), and `{"x" * 300}`.

| {"a | " * 30}
|{"---|" * 30}
| {"wide words | " * 30}

```python
print("{"y" * 300}")
```
"""

Play = Callable[..., Script]


@pytest.fixture
def play(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Opens the agent's chat; its arguments are the agent's answers."""

    def playing(*pieces: object) -> Script:
        open_chat(agent, greeting="Ask me anything.", suggestions=["What can you do?"])
        return Script(*pieces).play(monkeypatch)

    return playing


def visit(page: Page, agent: Agent, query: str = "") -> None:
    page.goto(f"/chat/{agent.id}{query}")
    expect(page.get_by_role("button", name="Usage")).to_be_visible()


def write(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.get_by_role("textbox").press("Enter")


def said(page: Page) -> Locator:
    return page.locator(".bubble, .prose")


def expect_said(page: Page, *texts: str) -> None:
    expect(said(page)).to_have_text(list(texts))
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()


def test_an_answer_streams_and_is_there_after_a_reload(
    page: Page, agent: Agent, play: Play
) -> None:
    script = play("Good ", "**morning**", Script.WAIT, ", you.")
    visit(page, agent)
    expect(page.get_by_text("Ask me anything.")).to_be_visible()
    page.get_by_role("button", name="What can you do?").click()
    expect(said(page)).to_have_text(["What can you do?", "Good morning"])
    expect(page.locator(".prose strong")).to_have_text("morning")
    script.go.set()
    expect_said(page, "What can you do?", "Good morning, you.")
    expect(page.locator("#announcement")).to_have_text("Good **morning**, you.")
    expect(page.get_by_role("textbox")).to_be_focused()
    page.reload()
    expect_said(page, "What can you do?", "Good morning, you.")
    user = EndUser.objects.get()
    assert (user.platform, user.total_messages_sent, user.total_chat_messages) == ("web", 1, 2)


def test_a_reload_while_the_answer_streams_goes_on_with_it(
    page: Page, agent: Agent, play: Play
) -> None:
    script = play("One, ", "two", Script.WAIT, ", three.")
    visit(page, agent)
    write(page, "Count")
    expect(page.locator(".prose")).to_have_text("One, two")
    page.reload()
    expect(said(page)).to_have_text(["Count", "One, two"])
    script.go.set()
    expect_said(page, "Count", "One, two, three.")
    assert (len(script.questions), Message.objects.count()) == (1, 2)


def test_another_window_gets_the_answer_too(
    page: Page, context: BrowserContext, agent: Agent, play: Play
) -> None:
    script = play("One", Script.WAIT, " and two.")
    visit(page, agent)
    write(page, "Count")
    expect(page.locator(".prose")).to_have_text("One")
    page.evaluate("localStorage.removeItem(Object.keys(localStorage).find(k => /outbox/.test(k)))")
    other = context.new_page()
    visit(other, agent)
    expect(said(other)).to_have_text(["Count"])
    script.go.set()
    expect_said(other, "Count", "One and two.")
    expect_said(page, "Count", "One and two.")


def test_returning_to_a_window_shows_messages_from_another(
    page: Page, context: BrowserContext, agent: Agent, play: Play
) -> None:
    play("Good morning.")
    visit(page, agent)
    other = context.new_page()
    visit(other, agent)
    write(other, "Hello")
    expect_said(other, "Hello", "Good morning.")
    expect(said(page)).to_have_count(0)
    page.evaluate("dispatchEvent(new Event('focus'))")  # headless windows always have the focus
    expect_said(page, "Hello", "Good morning.")
    expect(page.get_by_role("button", name="What can you do?")).to_be_hidden()
    expect(page.get_by_role("button", name="New dialogue")).to_be_visible()
    write(page, "Hello again")
    expect_said(page, "Hello", "Good morning.", "Hello again", "Good morning.")


def test_a_message_written_offline_is_sent_once_even_after_a_reload(
    page: Page, context: BrowserContext, agent: Agent, play: Play, problems: list[str]
) -> None:
    script = play("Yes.")
    visit(page, agent)
    context.set_offline(True)
    write(page, "Are you there?")
    expect(page.get_by_text("No connection")).to_be_visible()
    context.set_offline(False)
    # The answer to this one is lost on the way: the page has to ask again.
    lost: list[APIResponse] = []

    def lose(route: Route) -> None:
        lost.append(route.fetch())
        route.abort()

    page.route("**/messages", lose, times=1)
    page.reload()
    expect_said(page, "Are you there?", "Yes.")
    page.reload()
    expect_said(page, "Are you there?", "Yes.")
    assert (len(script.questions), Message.objects.count()) == (1, 2)
    assert lost
    problems.clear()  # the network's


def test_a_new_conversation_starts_where_it_was_asked_for(
    page: Page, agent: Agent, play: Play
) -> None:
    script = play("Hm.")
    visit(page, agent)
    write(page, "First")
    expect_said(page, "First", "Hm.")
    page.get_by_role("button", name="New dialogue").click()
    expect(page.get_by_role("log").get_by_text("New dialogue")).to_have_count(1)
    write(page, "/new")  # it is new already
    write(page, "Second")
    expect_said(page, "First", "Hm.", "Second", "Hm.")
    assert [len(question.history) for question in script.questions] == [0, 0]
    assert EndUser.objects.get().total_sessions == 2
    page.reload()
    expect(page.get_by_role("log").get_by_text("New dialogue")).to_have_count(1)


def test_stopping_keeps_the_text_so_far(page: Page, agent: Agent, play: Play) -> None:
    play("One, two", Script.WAIT)
    visit(page, agent)
    write(page, "Count to a million")
    expect(page.locator(".prose")).to_have_text("One, two")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("The answer was interrupted.")).to_be_visible()
    expect_said(page, "Count to a million", "One, two")
    assert not Message.objects.get(role="agent").failed


def test_a_failed_answer_can_be_retried_even_after_a_reload(
    page: Page, agent: Agent, play: Play
) -> None:
    script = play("Well", BackendError("the model is down"))
    visit(page, agent)
    write(page, "Hello")
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    expect(page.locator(".answer-note")).to_contain_text("Sorry, that did not work.")
    page.reload()
    script.pieces = ["Better now."]
    again.click()
    expect_said(page, "Hello", "Better now.")
    page.reload()
    expect_said(page, "Hello", "Better now.")
    assert Message.objects.filter(role="user").count() == 1


def test_only_the_newest_message_can_be_retried(page: Page, agent: Agent, play: Play) -> None:
    script = play(BackendError("the model is down"))
    visit(page, agent)
    write(page, "Hello")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    script.pieces = ["Better now."]
    write(page, "And now?")
    expect_said(page, "Hello", "", "And now?", "Better now.")
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()


@pytest.mark.parametrize("locale", ["de-DE"])
def test_over_the_limit_the_operators_text_is_shown_and_the_backend_is_not_asked(
    page: Page, agent: Agent, play: Play
) -> None:
    script = play("Yes.")
    agent.limits = {"messages_per_day": 1}
    agent.save()
    page.goto(f"/chat/{agent.id}")
    expect(page.get_by_role("button", name="Verbrauch")).to_be_visible()
    write(page, "Eins")
    expect(said(page)).to_have_text(["Eins", "Yes."])
    expect(page.get_by_role("button", name="Senden")).to_be_visible()
    write(page, "Zwei")
    notice = page.locator(".notice")
    expect(notice).to_contain_text("Sie haben Ihr Limit vorerst erreicht.")
    expect(notice.locator("time")).to_contain_text(re.compile(r"Wieder in \d+"))
    expect(page.get_by_role("textbox")).to_have_value("Zwei")
    expect(page.get_by_role("button", name="Senden")).to_be_disabled()
    assert len(script.questions) == 1
    page.get_by_role("button", name="Verbrauch").click()
    expect(page.get_by_role("dialog")).to_contain_text("Nachrichten heute1 / 1")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_hostile_markdown_does_nothing(page: Page, agent: Agent, play: Play) -> None:
    play(*re.findall(r"(?s).{1,7}", HOSTILE))
    visit(page, agent)
    write(page, HOSTILE)
    expect(page.locator(".code-head span")).to_have_text('"><b>python')
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(page.locator("#log :is(img, script, b, [style])")).to_have_count(0)
    links = page.locator(".prose a")
    assert [link.get_attribute("href") for link in links.all()] == [
        "https://tracker.example/p.png",
        "https://ok.example",
    ]
    for link in links.all():
        assert link.get_attribute("rel") == "noopener noreferrer nofollow"
    expect(page.locator("td.is-end")).to_have_text("<b>2</b>")
    expect(page.locator(".bubble")).to_have_text(HOSTILE.strip())
    assert page.title() == "Ada"


def test_a_long_answer_is_the_same_piece_by_piece_as_at_once(
    page: Page, agent: Agent, play: Play
) -> None:
    text = (
        "# Title\n\n1. one\n\n2. two\n   - in\n\n[late]\n\n```py\na = 1\n\nb = 2\n```\n\n> quote\n"
    )
    text += "\n\n".join(f"Paragraph **{n}** has `code`." for n in range(200))
    play(*re.findall(r"(?s).{1,40}", f"{text}\n\n[late]: https://late.example"))
    visit(page, agent)
    write(page, "Say all")
    expect(page.get_by_role("button", name="Copy", exact=True).last).to_be_visible()
    expect(page.get_by_role("link", name="late")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    streamed = page.locator(".prose").inner_html()
    page.reload()
    expect(page.get_by_role("link", name="late")).to_be_visible()
    assert page.locator(".prose").inner_html() == streamed


def test_a_person_the_site_vouches_for_is_identified(
    page: Page, agent: Agent, play: Play, problems: list[str]
) -> None:
    play("Hello, Maya.")
    agent.web_chat.secret = encrypt("s3cret")
    agent.web_chat.save()
    user = '{"id":"u-7","name":"Maya"}'
    visit(page, agent, f"?user={user}&signature={sign(user, 's3cret')}")
    expect(page).to_have_url(re.compile(f"/chat/{agent.id}$"))
    write(page, "Hi")
    expect_said(page, "Hi", "Hello, Maya.")
    page.reload()
    expect_said(page, "Hi", "Hello, Maya.")
    known = EndUser.objects.get()
    assert (known.external_id, known.name) == ("u-7", "Maya")
    page.goto(f"/chat/{agent.id}?user={user}&signature=00")
    expect(page.get_by_text("This assistant cannot answer here yet.")).to_be_visible()
    expect(page.get_by_role("textbox")).to_be_disabled()
    assert problems
    problems.clear()  # the 403


def test_a_link_joins_chats_once_and_another_leads_to_telegram(
    page: Page, context: BrowserContext, agent: Agent, play: Play, problems: list[str]
) -> None:
    play("Hello.")
    make_bot(agent, bot_id=1, state="running")
    context.route("https://t.me/**", lambda route: route.fulfill(body="Telegram"))
    token = issue_token(make_user(agent, "Maya"))
    page.goto(f"/chat/{agent.id}?link={token}")
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert EndUser.objects.count() == 1  # someone else may have sent the link

    page.goto(f"/chat/{agent.id}?link={token}")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("Done: your chats are linked")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/chat/{agent.id}$"))
    assert EndUser.objects.values("person_id").distinct().count() == 1
    page.goto(f"/chat/{agent.id}?link={token}")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("This link is not valid any more.")).to_be_visible()
    to_telegram = page.get_by_role("button", name="Continue in Telegram")
    expect(to_telegram).to_be_hidden()  # before the first message
    write(page, "Hi")
    with context.expect_page() as opened:
        to_telegram.click()
    opened.value.wait_for_url(re.compile(r"https://t\.me/ada_bot\?start=link_.+"))
    assert problems
    problems.clear()  # the 422 of the second time


def test_an_address_that_signs_the_visitor_in_takes_the_dialogue_along_only_if_they_agree(
    page: Page, agent: Agent, play: Play
) -> None:
    """Anyone can send an address that signs in to their own account."""
    play("Hello.")
    agent.web_chat.secret = encrypt("s3cret")
    agent.web_chat.save()
    visit(page, agent)
    write(page, "Hi")
    expect_said(page, "Hi", "Hello.")
    user = '{"id":"maya"}'
    address = f"?user={user}&signature={sign(user, 's3cret')}"
    visit(page, agent, address)
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(said(page)).to_have_count(0)
    assert EndUser.objects.count() == 1

    visit(page, agent, address)
    page.get_by_role("button", name="Connect").click()
    expect_said(page, "Hi", "Hello.")
    assert EndUser.objects.values("person_id").distinct().count() == 1
    page.reload()
    expect_said(page, "Hi", "Hello.")
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_accessible_and_fits(
    page: Page, agent: Agent, play: Play, scheme: str, width: int
) -> None:
    agent.limits = {"messages_per_day": 1}
    agent.save()
    play(WIDE, BackendError("no"))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    visit(page, agent)
    assert violations(page) == []
    write(page, "Show me " + "w" * 200)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    write(page, "More")
    expect(page.locator(".notice")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#scroll").evaluate("e => e.scrollWidth <= e.clientWidth")
    page.get_by_role("button", name="Usage").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


def test_a_reader_who_scrolled_away_stays_there(page: Page, agent: Agent, play: Play) -> None:
    script = play(*["line\n\n"] * 60, Script.WAIT, "the end")
    visit(page, agent)
    write(page, "Tell me all")
    expect(page.locator(".prose p")).to_have_count(60)
    page.locator("#scroll").evaluate("e => e.scrollTo(0, 0)")
    jump = page.get_by_role("button", name="To the newest message")
    expect(jump).to_be_visible()
    script.go.set()
    expect(page.locator(".prose").get_by_text("the end")).to_be_attached()
    expect(jump).to_be_visible()
    assert page.locator("#scroll").evaluate("e => e.scrollTop") == 0
    jump.click()
    expect(page.locator(".prose").get_by_text("the end")).to_be_in_viewport()
    expect(jump).to_be_hidden()


@pytest.mark.parametrize("locale", ["ar"])
def test_a_chat_in_arabic_runs_from_right_to_left(page: Page, agent: Agent, play: Play) -> None:
    play("مرحبا")
    page.goto(f"/chat/{agent.id}")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("textbox", name="اكتب رسالة")).to_be_visible()
