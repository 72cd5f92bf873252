"""The responses of a profile: what it shows, what it costs, and odd URLs."""

import datetime as dt
import html
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.gate.admission import admit
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.reactions import set_reaction
from frontdesk.people import actions
from frontdesk.people.profiles.history import PAGE_SIZE
from tests.factories import (
    NOON,
    make_agent,
    make_conversation,
    make_event,
    make_plan,
    make_user,
    record_events,
)
from tests.people.test_pages import profile_url, queries, text_of

BUDGET = 22
"""Statements for a profile, whatever data the user has."""


def words(page: str) -> str:
    """The text of a page, without tags and with single spaces."""
    return " ".join(re.sub("<[^>]*>", " ", page).split())


@pytest.mark.parametrize("query", ["", "?date=2026-10-14", "?show=sessions"])
def test_a_profile_costs_the_same_however_many_messages(
    signed_in: Client, agent: Agent, query: str
) -> None:
    user = make_conversation(agent, 2)
    queries(signed_in, profile_url(user, query))  # computes the medians
    few = queries(signed_in, profile_url(user, query))
    make_conversation(agent, 3_000, every=2)
    assert queries(signed_in, profile_url(user, query)) == few <= BUDGET


def test_a_person_costs_the_same_however_many_messages(signed_in: Client, agent: Agent) -> None:
    one, other = make_conversation(agent, 2), make_conversation(agent, 2, external_id="1002")
    person = actions.link(SYSTEM, agent, one.id, other.id)
    url = f"/agents/{agent.id}/people/{person.id}"
    queries(signed_in, url)
    few = queries(signed_in, url)
    make_conversation(agent, 3 * PAGE_SIZE, every=2)
    assert queries(signed_in, url) == few <= BUDGET + 2


# --- what it shows ------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "is_there"), [(299, True), (300, False)])
def test_a_user_who_wrote_less_than_five_minutes_ago_is_online(
    signed_in: Client,
    agent: Agent,
    travel: Callable[[dt.datetime], None],
    seconds: int,
    is_there: bool,
) -> None:
    one, other = make_user(agent, "Ada"), make_user(agent, "Bert", minutes=-60)
    person = actions.link(SYSTEM, agent, one.id, other.id)
    travel(NOON + dt.timedelta(seconds=seconds))

    for url in (profile_url(one), f"/agents/{agent.id}/people/{person.id}"):
        assert ("presence-dot" in signed_in.get(url).content.decode()) is is_there
    assert "presence-dot" not in signed_in.get(profile_url(other)).content.decode()


def test_a_user_who_only_received_messages_is_not_online(
    signed_in: Client, agent: Agent, travel: Callable[[dt.datetime], None]
) -> None:
    record_events(agent, make_event(role="agent"))
    travel(NOON)

    page = signed_in.get(profile_url(EndUser.objects.get())).content.decode()
    assert "presence-dot" not in page
    assert "Never wrote" in page


def test_a_new_dialogue_is_marked_and_no_message_of_the_correspondence(
    signed_in: Client, agent: Agent
) -> None:
    user = make_user(agent, "Maya")
    fields = {"external_id": user.external_id, "new_session": True}
    record_events(agent, make_event(1, **fields, role="system", text="/new"))
    record_events(agent, make_event(2, **fields, role="system", text=""))
    user.refresh_from_db()
    assert (user.total_chat_messages, user.total_sessions) == (1, 1)
    page = words(text_of(signed_in, profile_url(user)))
    assert page.count("New session") == 2
    assert "/new" in page
    assert "No text" not in page
    sessions = words(text_of(signed_in, profile_url(user, "?show=sessions")))
    assert sessions.count("No conversation: not counted") == 2
    record_events(agent, make_event(3, **fields, text="And now?"))
    page = words(text_of(signed_in, profile_url(user)))
    assert "new session" in page


def test_a_message_shows_its_outcome(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya")
    answers: dict[str, dict[str, Any]] = {
        "answered": {"model": "gpt-4o-mini", "input_tokens": 9, "output_tokens": 5},
        "late": {"latency_ms": 1234},
        "broken": {"failed": True, "error": "upstream timed out"},
    }
    for minute, (text, usage) in enumerate(answers.items(), 1):
        record_events(
            agent, make_event(minute, external_id="maya", role="agent", text=text, **usage)
        )
    late = Message.objects.get(end_user=user, text="late")
    assert set_reaction(agent, user.id, late.id, "❤ 🔥", late.sent_at)
    Message.objects.filter(end_user=user, text="late").update(text="", redacted=True)
    page = words(text_of(signed_in, profile_url(user)))
    assert "gpt-4o-mini 9 in, 5 out tokens $0.000004" in page
    assert "Reaction: ❤ 🔥 Text not kept 1.2 s" in page
    assert page.count("Reaction:") == 1
    assert "Failed upstream timed out" in page


def test_status_plan_tags_and_refusals_are_shown(signed_in: Client, agent: Agent) -> None:
    make_plan(agent, "plus", limits={"messages_per_day": 5})
    user = make_user(agent, "Maya", tags=["told"], time=timezone.now())
    ids = [user.id]
    actions.assign_plan(SYSTEM, agent, ids, "plus", timezone.now() + dt.timedelta(days=400))
    actions.change_tags(SYSTEM, agent, ids, ["vip"])
    actions.block(SYSTEM, agent, ids, reason="Spam", until=None, note="warned twice")
    admit(agent, make_event(external_id="maya", time=timezone.now()))
    page = words(text_of(signed_in, profile_url(user)))
    for text in (
        "Blocked for good Spam By Frontdesk, just now . 1 message refused.",
        "Private note warned twice",
        "Plus until",
        "1 of 5, 4 left",
        "Set by plan Plus",
        "vip",
        "Blocked 1",  # among the refused messages
    ):
        assert text in page
    actions.unblock(SYSTEM, agent, ids)
    page = words(text_of(signed_in, profile_url(user)))
    assert "Blocked for good" not in page
    assert "Spam" in page  # in the history of blocks


def test_a_user_who_has_used_up_a_limit_is_over_it(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya", time=timezone.now())
    actions.set_limits(SYSTEM, agent, user.id, {"messages_per_day": 1})
    assert "Over limit: messages per day" in words(text_of(signed_in, profile_url(user)))


def test_days_and_hours_are_the_agents(signed_in: Client, agent: Agent) -> None:
    agent.time_zone = "Asia/Tokyo"
    agent.save()
    now = timezone.now().astimezone(agent.zone).replace(hour=3)  # still yesterday in UTC
    user = make_user(agent, "Maya", time=now - dt.timedelta(days=7))
    page = text_of(signed_in, profile_url(user))
    day = now - dt.timedelta(days=7)
    assert f"1 message on {day:%a} {day.day} {day:%b %Y}" in page
    assert f"1 message, {day:%A} 3:00 – 4:00" in page


def test_a_person_is_the_sum_of_the_identities(signed_in: Client, agent: Agent) -> None:
    one = make_user(agent, "Maya", text="from Telegram")
    other = make_user(agent, "Maya", 1, external_id="v1", platform="web", text="from the web")
    stranger = make_user(agent, "Zoe")
    person = actions.link(SYSTEM, agent, one.id, other.id)
    page = text_of(signed_in, f"/agents/{agent.id}/people/{person.id}")
    assert '<dt>Sent msg</dt><dd><span class="total-value">2<' in page
    assert page.index("from Telegram") < page.index("from the web")
    assert "See them together" in text_of(signed_in, profile_url(one))
    elsewhere = make_agent("Bob")
    text_of(signed_in, f"/agents/{elsewhere.id}/people/{person.id}", status=404)
    text_of(signed_in, f"/agents/{agent.id}/people/{stranger.id}", status=404)


def test_notes_are_paged(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya")
    for number in range(12):
        actions.add_note(SYSTEM, agent, user, f"remark {number}.")
    first = text_of(signed_in, profile_url(user))
    assert "remark 11." in first
    assert "remark 1." not in first
    assert "?notes=2" in first
    second = text_of(signed_in, profile_url(user, "?notes=2"))
    assert "remark 11." not in second
    assert "remark 1." in second
    for odd in ("0", "-1", "x", "9" * 30, "٣"):
        assert "remark 11." in text_of(signed_in, profile_url(user, f"?notes={odd}"))


def test_every_action_has_a_page(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya")
    actions.link(SYSTEM, agent, user.id, make_user(agent, "Zoe").id)
    actions.assign_attributes(SYSTEM, agent, user.id, {"a&b": 1})
    actions.block(SYSTEM, agent, [user.id], reason="Spam", until=None)
    page = text_of(signed_in, profile_url(user))
    sheets = {html.unescape(found) for found in re.findall(r'hx-get="([^"]*)"', page)}
    assert len(sheets) >= 8
    for there in sheets:
        text_of(signed_in, there)


# --- places in the history ------------------------------------------------------------------------


def test_a_session_leads_to_its_start(signed_in: Client, agent: Agent) -> None:
    user = make_conversation(agent, 4, every=40)
    sessions = text_of(signed_in, profile_url(user, "?show=sessions"))
    (link,) = (href for href in _links(sessions, "?time=") if "12%3A40" in href)
    page = text_of(signed_in, profile_url(user, link.partition("#")[0]))
    assert "Message 001" not in page
    assert "Message 002" in page


def _links(page: str, start: str) -> Iterator[str]:
    for found in re.finditer(r'href="([^"]*)"', page):
        if found[1].startswith(start):
            yield found[1].replace("&amp;", "&")


def test_search_finds_and_marks(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya", text="<b>Där</b> ist ein Café")
    make_user(agent, "Maya", 1, text="nothing of it")
    page = text_of(signed_in, profile_url(user, "?find=cafe+dar"))
    assert "&lt;b&gt;<mark>Där</mark>&lt;/b&gt; ist ein <mark>Café</mark>" in page
    assert "nothing of it" not in page
    assert "No message with" in text_of(signed_in, profile_url(user, "?find=%00%25_"))


def test_a_user_of_another_agent_is_not_found(signed_in: Client, agent: Agent) -> None:
    user = make_user(make_agent("Bob"), "Zoe")
    text_of(signed_in, f"/agents/{agent.id}/users/{user.id}", status=404)
    text_of(signed_in, profile_url(user))


def test_a_profile_shows_the_totals(signed_in: Client, agent: Agent) -> None:
    make_conversation(agent, 5, every=40)
    make_user(agent, "Maya", 200, external_id="1001", model="nobody-knows", input_tokens=5)
    user = EndUser.objects.get()
    page = text_of(signed_in, profile_url(user))
    assert '<dt>Sent msg</dt><dd><span class="total-value">4<' in page
    assert '<dt>Chat msg</dt><dd><span class="total-value">6<' in page
    assert "1 unpriced" in page


def test_an_unknown_cost_is_not_zero(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya", model="nobody-knows", input_tokens=5)
    for page in (profile_url(user), f"/agents/{agent.id}/users"):
        text = text_of(signed_in, page)
        assert "1 unpriced" in text
        assert "$0" not in text


@pytest.mark.parametrize(
    "query",
    [
        "?before=x",
        "?after=%FF",
        "?after=MjAyNi0xMC0xNHw",
        "?date=2026-02-30",
        "?message=1",
        "?time=noon",
        "?time=9999-12-31T23:59:59-23:00",
        "?show=sessions&before=x",
        "?show=sessions&after=%FF",
        "?find=a&since=x",
        f"?message={uuid.UUID(int=1)}",
    ],
)
def test_an_invalid_position_is_not_found(signed_in: Client, agent: Agent, query: str) -> None:
    text_of(signed_in, profile_url(make_conversation(agent, 2), query), status=404)


def test_a_date_is_a_day_of_the_operators_zone(
    signed_in: Client, agent: Agent, operator: Operator
) -> None:
    operator.time_zone = "Asia/Kathmandu"  # the 15th begins at 18:15 UTC
    operator.save()
    user = make_user(agent, "Maya", text="still the 14th", time=NOON.replace(hour=18, minute=14))
    make_user(agent, "Maya", text="the 15th", time=NOON.replace(hour=18, minute=15))
    page = text_of(signed_in, profile_url(user, "?date=2026-10-15"))
    assert "the 15th" in page
    assert "still the 14th" not in page
    assert "Times in Asia/Kathmandu" in page


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns"])
@pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_answered(
    signed_in: Client, agent: Agent, operator: Operator, zone: str, date: str
) -> None:
    operator.time_zone = zone
    operator.save()
    response = signed_in.get(profile_url(make_conversation(agent, 2), f"?date={date}"))
    assert response.status_code in (200, 404)


def test_a_day_after_the_last_message_shows_the_newest(signed_in: Client, agent: Agent) -> None:
    user = make_conversation(agent, 2)
    assert "Message 002" in text_of(signed_in, profile_url(user, "?date=2027-01-01"))
