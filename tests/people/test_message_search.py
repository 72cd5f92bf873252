"""Searching one person's messages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.core.folding import normalize
from frontdesk.people.profiles import message_search
from frontdesk.people.profiles.message_search import _folded, excerpt, search
from tests.factories import make_conversation, make_event, make_user, record_events


def found(agent: Agent, q: str) -> list[str]:
    user = make_user(agent, "Maya", role="system", text="x", message_id="anchor")
    return [hit.message.text for hit in search([user.id], q).hits]


@pytest.mark.parametrize(
    ("q", "text"),
    [
        ("CAFE", "im Café an der Ecke"),
        ("strasse", "Bahnhofstraße 7"),
        ("ecke cafe", "im Café an der Ecke"),
        ("привет", "Привет!"),
        ("王伟", "我是小王伟"),
        ("🦊", "a fox 🦊 here"),
        ("ﬁn", "ﬁnally fine"),
    ],
)
def test_case_accents_and_order_do_not_matter(agent: Agent, q: str, text: str) -> None:
    make_user(agent, "Maya", text=text)
    make_user(agent, "Maya", 1, text="something else")
    assert found(agent, q) == [text]


@pytest.mark.parametrize("q", ["", "   ", "\0", "%", "nowhere"])
def test_what_is_not_there_is_not_found(agent: Agent, q: str) -> None:
    make_user(agent, "Maya", text="hello")
    assert found(agent, q) == []


def test_the_newest_come_first_and_those_of_no_one_else(agent: Agent) -> None:
    make_user(agent, "Maya", text="first tea")
    make_user(agent, "Maya", 1, text="second tea")
    make_user(agent, "Zoe", 2, text="tea of Zoe")
    assert found(agent, "tea") == ["second tea", "first tea"]


def test_it_stops_at_a_bound_and_continues_from_there(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_conversation(agent, 10)
    monkeypatch.setattr(message_search, "MAX_SEARCHED", 4)
    texts: list[str] = []
    answer = search([user.id], "message")
    while answer.has_older:
        assert answer.searched == 4
        texts += [hit.message.text for hit in answer.hits]
        answer = search([user.id], "message", answer.reached)
    texts += [hit.message.text for hit in answer.hits]
    assert texts == [f"Message {n:03}" for n in range(10, 0, -1)]


def test_it_stops_when_there_is_enough_to_read(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_conversation(agent, 5)
    monkeypatch.setattr(message_search, "MAX_FOUND", 2)
    answer = search([user.id], "message")
    assert (len(answer.hits), answer.is_full, answer.has_older) == (2, True, True)


def test_a_long_history_is_read_in_steps(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_search, "_MAX_STEP", 3)
    user = make_conversation(agent, 10)
    assert len(search([user.id], "message").hits) == 10


def test_of_long_texts_few_are_read_at_once(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_search, "_FIRST_STEP", 2)
    monkeypatch.setattr(message_search, "_STEP_CHARACTERS", 1_000)
    for minute in range(6):
        user = make_user(agent, "Ada", minute, text=f"tea {'x' * 400}")
    with CaptureQueriesContext(connection) as captured:
        assert len(search([user.id], "tea").hits) == 6
    sizes = [int(sql["sql"].rsplit("LIMIT ", 1)[1]) for sql in captured if "LIMIT" in sql["sql"]]
    assert max(sizes) == 2


def test_several_users_are_searched_together(agent: Agent) -> None:
    one, other = make_user(agent, "A", text="tea one"), make_user(agent, "B", 1, text="tea two")
    record_events(agent, make_event(2, external_id="c", text="tea three"))
    hits = search([one.id, other.id], "tea").hits
    assert [hit.message.text for hit in hits] == ["tea two", "tea one"]


@given(st.text(max_size=80))
def test_folding_character_by_character_equals_folding_the_whole(text: str) -> None:
    folded, places = _folded(text)
    assert " ".join(folded.split()) == normalize(text)
    assert len(places) == len(folded)
    assert places == sorted(places)


@given(st.text("abÄß 🦊é", max_size=600), st.text("abÄß🦊é", min_size=1, max_size=3))
def test_an_excerpt_is_a_part_of_the_text(text: str, q: str) -> None:
    words = normalize(q).split()
    shown = "".join(part.text for part in excerpt(text, words))
    assert shown.removeprefix("…").removesuffix("…") in text
    for part in excerpt(text, words):
        assert not part.is_hit or any(word in normalize(part.text) for word in words)


def test_an_excerpt_is_around_the_first_hit() -> None:
    parts = excerpt("a" * 500 + " needle " + "b" * 500, ["needle"])
    assert [part.text for part in parts if part.is_hit] == ["needle"]
    assert parts[0].text == "…"
    assert len("".join(part.text for part in parts)) < 300
