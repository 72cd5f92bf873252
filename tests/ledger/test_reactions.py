"""Reactions to answers: the newest one counts, and it belongs to the answer."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from frontdesk.agents.models import Agent
from frontdesk.ledger.anonymize import anonymize
from frontdesk.ledger.erase import erase
from frontdesk.ledger.models import MAX_REACTION, EndUser, MemberReaction, Message
from frontdesk.ledger.reactions import member_reactions, set_member_reaction, set_reaction
from frontdesk.ledger.record import record
from frontdesk.ledger.recount import check
from tests.factories import (
    NOON,
    make_agent,
    make_conversation,
    make_event,
    make_group_answer,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def maya(agent: Agent) -> EndUser:
    return make_conversation(agent, 4)


def answer_of(user: EndUser) -> Message:
    return Message.objects.get(end_user=user, text="Message 002")


def react(user: EndUser, reaction: str, minutes: float = 0) -> bool:
    at = NOON + dt.timedelta(minutes=minutes)
    return set_reaction(user.agent, user.id, answer_of(user).id, reaction, at)


@pytest.mark.django_db(transaction=True)  # `check` begins its own transaction
def test_the_newest_counts_whatever_comes_late(agent: Agent, maya: EndUser) -> None:
    assert react(maya, "👍", 2)
    assert not react(maya, "👎", 1)
    assert answer_of(maya).reaction == "👍"
    assert react(maya, "❤️\u200d🔥 🎉", 2)
    assert answer_of(maya).reaction == "❤️\u200d🔥 🎉"
    assert react(maya, "", 3)
    assert not react(maya, "👍", 2)
    assert answer_of(maya).reaction == ""
    assert Message.objects.exclude(reacted_at=None).count() == 1
    assert check(agent) == []


def test_only_an_answer_to_this_user_of_this_agent_has_one(agent: Agent, maya: EndUser) -> None:
    answer, question = answer_of(maya), Message.objects.get(text="Message 001")
    other, stranger = make_agent("Other"), make_user(agent, "Bert")
    assert not set_reaction(agent, maya.id, question.id, "👍", NOON)
    assert not set_reaction(agent, stranger.id, answer.id, "👍", NOON)
    assert not set_reaction(agent, uuid.uuid4(), answer.id, "👍", NOON)
    assert not set_reaction(other, maya.id, answer.id, "👍", NOON)
    assert not Message.objects.exclude(reaction="", reacted_at=None).exists()


def test_it_is_one_bounded_line(maya: EndUser) -> None:
    assert react(maya, "👍\n\0\u202e" + "🔥" * 500)
    reaction = answer_of(maya).reaction
    assert len(reaction) == MAX_REACTION
    assert not {"\n", "\0", "\u202e"} & set(reaction)


def test_it_stays_when_the_answer_is_edited(agent: Agent) -> None:
    make_user(agent, "Maya")
    fields = {"external_id": "maya", "role": "agent", "message_id": "one"}
    record(agent, [make_event(1, text="Message 002", **fields)])
    maya = EndUser.objects.get()
    assert react(maya, "👍")
    edited_at = NOON + dt.timedelta(minutes=9)
    record(agent, [make_event(1, text="New", edited_at=edited_at, **fields)])
    assert [m.reaction for m in Message.objects.filter(text="New")] == ["👍"]


def test_an_anonymous_answer_keeps_it(agent: Agent, maya: EndUser) -> None:
    assert react(maya, "👍")
    anonymize(agent, maya.id, "Olivia", may_return=False, keep_texts=False)
    kept = Message.objects.exclude(reaction="")
    assert [(m.reaction, m.text, m.end_user_id != maya.id) for m in kept] == [("👍", "", True)]


@pytest.fixture
def group(agent: Agent) -> tuple[Message, EndUser, EndUser]:
    return make_group_answer(agent)


def of_members(answer: Message) -> dict[str, int]:
    return dict(member_reactions([answer])[answer.id])


def test_members_of_a_group_have_a_reaction_each(
    agent: Agent, group: tuple[Message, EndUser, EndUser]
) -> None:
    answer, asker, member = group
    key = asker.id, answer.id
    third = make_user(agent, "Bert")
    assert set_member_reaction(agent, member.id, key, "👍 [custom emoji 53]", NOON)
    assert set_member_reaction(agent, third.id, key, "👍", NOON)
    assert of_members(answer) == {"👍": 2, "[custom emoji 53]": 1}
    later = NOON + dt.timedelta(minutes=1)
    assert set_member_reaction(agent, member.id, key, "", later)
    assert not set_member_reaction(agent, member.id, key, "👎", NOON)
    assert of_members(answer) == {"👍": 1}
    assert not set_member_reaction(agent, uuid.uuid4(), key, "👍", NOON)
    assert not set_member_reaction(make_agent("Other"), third.id, key, "👎", later)
    answer.refresh_from_db()
    assert answer.reaction == ""


def test_private_answers_are_not_looked_up(
    maya: EndUser, django_assert_num_queries: Callable[..., Any]
) -> None:
    answer = answer_of(maya)
    with django_assert_num_queries(0):
        assert not member_reactions([answer])


@pytest.mark.parametrize("who", ["member", "asker"])
@pytest.mark.parametrize("how", ["erase", "anonymize"])
def test_a_members_reaction_goes_with_either_person(
    agent: Agent, group: tuple[Message, EndUser, EndUser], who: str, how: str
) -> None:
    answer, asker, member = group
    set_member_reaction(agent, member.id, (asker.id, answer.id), "👍", NOON)
    gone = member if who == "member" else asker
    if how == "erase":
        erase(agent, gone.id, "olivia", may_return=False)
    else:
        anonymize(agent, gone.id, "olivia", may_return=False, keep_texts=True)
    assert not MemberReaction.objects.exists()
    assert not set_member_reaction(agent, member.id, (asker.id, answer.id), "👍", NOON)
