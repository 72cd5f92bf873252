"""Actions on users: their effects, invalid input, and the audit log."""

import datetime as dt
import logging
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent, Tag
from frontdesk.audit import SYSTEM, Actor
from frontdesk.gate import blocks
from frontdesk.gate.user_limits import limits_of
from frontdesk.ledger import tombstones
from frontdesk.ledger.models import EndUser, Erasure
from frontdesk.people import actions
from frontdesk.people.actions import ActionError
from frontdesk.people.models import Note
from tests.factories import make_agent, make_operator, make_plan, make_tag, make_user

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def actor(operator: Operator) -> Actor:
    return operator.actor


@pytest.fixture
def maya(agent: Agent) -> EndUser:
    return make_user(agent, "Maya")


@pytest.fixture
def recorded_actions(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The actions that were recorded so far."""
    caplog.set_level(logging.INFO, "frontdesk.audit")
    return lambda: [record.getMessage() for record in caplog.records]


def again(user: EndUser) -> EndUser:
    return EndUser.objects.get(id=user.id)


def test_a_block_is_clean_and_says_who_set_it(agent: Agent, maya: EndUser, actor: Actor) -> None:
    until = timezone.now() + HOUR
    given = {"reason": " Sp\0am\n", "note": "a\r\nb\0", "text": " Sorry. "}

    assert actions.block(actor, agent, [maya.id], until=until, **given) == 1

    block = blocks.current([maya.id])[maya.id]
    assert (block.reason, block.note, block.text) == ("Sp\ufffdam", "a\nb\ufffd", "Sorry.")
    assert (block.until, block.created_by) == (until, "olivia")


def test_a_block_without_an_end_is_for_good(agent: Agent, maya: EndUser, actor: Actor) -> None:
    actions.block(actor, agent, [maya.id], reason="Spam", until=None)

    assert blocks.current([maya.id])[maya.id].is_for_good


@pytest.mark.parametrize(
    ("field", "values", "says"),
    [
        ("reason", {"reason": ""}, "Enter a reason"),
        ("reason", {"reason": " \t\n"}, "Enter a reason"),
        ("reason", {"reason": "x" * 201}, "At most 200 characters; this has 201"),
        ("note", {"note": "x" * 2001}, "At most 2,000"),
        ("text", {"text": "x" * 1001}, "At most 1,000"),
        ("until", {"until": dt.datetime(2030, 1, 1)}, "needs a time zone"),  # noqa: DTZ001
        ("until", {"until": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "in the future"),
        ("until", {"until": dt.datetime.max.replace(tzinfo=dt.UTC)}, "too far in the future"),
        ("until", {"until": dt.datetime.max.replace(tzinfo=dt.timezone(-HOUR))}, "too far"),
    ],
)
def test_a_bad_block_is_refused_with_its_field(
    agent: Agent, maya: EndUser, actor: Actor, field: str, values: dict[str, Any], says: str
) -> None:
    with pytest.raises(ActionError) as refused:
        actions.block(actor, agent, [maya.id], **{"reason": "Spam", "until": None, **values})

    assert refused.value.field == field
    assert says in refused.value.message
    assert not blocks.current([maya.id])


def test_unblocking_twice_is_recorded_once(
    agent: Agent, maya: EndUser, actor: Actor, recorded_actions: Callable[[], list[str]]
) -> None:
    actions.block(actor, agent, [maya.id], reason="Spam", until=None)

    assert [actions.unblock(actor, agent, [maya.id]) for _ in range(2)] == [1, 0]

    assert [line.split(" (")[1].split(")")[0] for line in recorded_actions()] == [
        "block",
        "unblock",
    ]
    assert all(f"agent={agent.id}" in line and str(maya.id) in line for line in recorded_actions())


def test_the_audit_log_names_users_only_by_id(
    agent: Agent, maya: EndUser, actor: Actor, recorded_actions: Callable[[], list[str]]
) -> None:
    actions.block(actor, agent, [maya.id], reason="Secret reason", until=None, text="Secret text")
    actions.add_note(actor, agent, maya, "Secret note")
    actions.erase(actor, agent, maya.id)

    assert len(recorded_actions()) == 3
    assert not any(word in " ".join(recorded_actions()) for word in ("Maya", "maya", "Secret"))


def test_users_of_another_agent_are_passed_over(agent: Agent, actor: Actor) -> None:
    stranger = make_user(make_agent("Other"), "Maya")
    ids = [stranger.id, uuid.uuid4()]

    assert actions.block(actor, agent, ids, reason="Spam", until=None) == 0
    assert actions.change_tags(actor, agent, ids, add=["vip"]) == 0
    assert not Tag.objects.exists()
    assert actions.set_limits(actor, agent, stranger.id, {"messages_per_day": 1}) is False
    assert actions.assign_attributes(actor, agent, stranger.id, {"a": 1}) is False
    with pytest.raises(EndUser.DoesNotExist):
        actions.erase(actor, agent, stranger.id)
    with pytest.raises(ActionError):
        actions.link(actor, agent, stranger.id, uuid.uuid4())


def test_more_than_500_at_once_are_refused(agent: Agent, actor: Actor) -> None:
    with pytest.raises(ActionError, match="ids"):
        actions.unblock(actor, agent, [uuid.uuid4() for _ in range(501)])


def test_a_plan_is_one_of_the_agents(agent: Agent, maya: EndUser, actor: Actor) -> None:
    make_plan(agent, "plus")
    make_plan(Agent.objects.create(name="Other"), "gold")
    until = timezone.now() + HOUR

    assert actions.assign_plan(actor, agent, [maya.id], "plus", until) == 1
    for key in ("gold", "\0", "PLUS"):
        with pytest.raises(ActionError, match="no plan"):
            actions.assign_plan(actor, agent, [maya.id], key)

    assert (again(maya).subscription, again(maya).plan_until) == ("plus", until)
    assert actions.assign_plan(actor, agent, [maya.id], "") == 1
    assert (again(maya).subscription, again(maya).plan_until) == (None, None)


def test_a_new_tag_becomes_one_of_the_agents(agent: Agent, maya: EndUser, actor: Actor) -> None:
    make_tag(agent, "vip", color="violet")

    assert actions.change_tags(actor, agent, [maya.id], add=[" vip ", "new\ttag", ""]) == 1

    assert again(maya).assigned_tags == ["new tag", "vip"]
    tags = Tag.objects.filter(agent=agent).values_list("name", "color")
    assert set(tags) == {("vip", "violet"), ("new tag", "grey")}
    assert actions.change_tags(actor, agent, [maya.id], remove=["vip", "new tag"]) == 1
    assert again(maya).assigned_tags == []


@pytest.mark.parametrize(
    ("add", "remove", "field"),
    [
        (["x" * 51], [], "add"),
        ([str(n) for n in range(51)], [], "add"),
        (["vip"], ["vip"], "remove"),
        ([], [str(n) for n in range(51)], "remove"),
    ],
)
def test_bad_tags_are_refused(
    agent: Agent, maya: EndUser, actor: Actor, add: list[str], remove: list[str], field: str
) -> None:
    with pytest.raises(ActionError) as refused:
        actions.change_tags(actor, agent, [maya.id], add, remove)

    assert refused.value.field == field
    assert not Tag.objects.exists()


def test_limits_are_replaced_as_a_whole(agent: Agent, maya: EndUser, actor: Actor) -> None:
    assert actions.set_limits(actor, agent, maya.id, {"messages_per_day": 5, "cost_per_day": None})
    assert actions.set_limits(actor, agent, maya.id, {"messages_per_day": 5}) is True
    assert actions.set_limits(actor, agent, maya.id, {"messages_per_day": 5}) is False

    assert limits_of(maya.id) == {"messages_per_day": 5}


@pytest.mark.parametrize(
    "limits", [{"per_day": 1}, {"messages_per_day": -1}, {"cost_per_day": 1.5}]
)
def test_bad_limits_are_refused(
    agent: Agent, maya: EndUser, actor: Actor, limits: dict[str, Any]
) -> None:
    with pytest.raises(ActionError, match="limits"):
        actions.set_limits(actor, agent, maya.id, limits)


def test_assigned_attributes_do_not_change_reported_ones(agent: Agent, actor: Actor) -> None:
    maya = make_user(agent, "Maya", attributes={"page": "/pricing"})

    assert actions.assign_attributes(actor, agent, maya.id, {"crm": "C-1\0", "since": 2021})

    assert again(maya).assigned_attributes == {"crm": "C-1\ufffd", "since": 2021}
    assert again(maya).attributes == {"page": "/pricing"}


def nested(depth: int) -> Any:
    return {"a": nested(depth - 1)} if depth else 1


@pytest.mark.parametrize(
    "attributes",
    [
        [1],
        {f"a{n}": 1 for n in range(51)},
        {"a": "x" * 8_000},
        {"": 1},
        {"x" * 256: 1},
        {"a": float("inf")},
        {"a": 10**5000},
        {"a": {1, 2}},
        nested(100),
    ],
    ids=lambda value: str(value)[:20] if not isinstance(value, dict) else None,
)
def test_bad_attributes_are_refused(
    agent: Agent, maya: EndUser, actor: Actor, attributes: Any
) -> None:
    with pytest.raises(ActionError, match="attributes"):
        actions.assign_attributes(actor, agent, maya.id, attributes)


def test_an_erasure_says_who_asked_and_can_be_opened_again(
    agent: Agent, maya: EndUser, actor: Actor
) -> None:
    erasure = actions.erase(actor, agent, maya.id)

    assert (erasure.state, erasure.requested_by) == (Erasure.State.DONE, "olivia")
    assert not EndUser.objects.filter(id=maya.id).exists()
    actions.allow_return(actor, agent, erasure)
    stone = tombstones.tombstone_of(agent, maya.platform, maya.external_id)
    assert stone is not None
    assert stone.may_return


def test_anonymizing_keeps_the_history_without_the_identity(
    agent: Agent, maya: EndUser, actor: Actor
) -> None:
    actions.anonymize(actor, agent, maya.id, keep_texts=False)

    (left,) = EndUser.objects.filter(agent=agent)
    assert left.id != maya.id
    assert (left.name, left.total_messages_sent) == ("", 1)


def test_linking_is_reversible(agent: Agent, maya: EndUser, actor: Actor) -> None:
    other = make_user(agent, "Maya Web", platform="web")

    person = actions.link(actor, agent, maya.id, other.id)
    assert again(maya).person_id == again(other).person_id == person.id
    actions.unlink(actor, agent, maya.id)
    assert (again(maya).person_id, again(other).person_id) == (None, None)
    with pytest.raises(ActionError, match="same user"):
        actions.link(actor, agent, maya.id, maya.id)
    assert actions.issue_link_token(actor, agent, maya).startswith("link_")


def test_only_the_author_changes_a_note(agent: Agent, maya: EndUser, actor: Actor) -> None:
    other = make_operator("oscar").actor
    note = actions.add_note(actor, agent, maya, " Call back.\r\nSoon. ")
    assert (note.text, note.author_name) == ("Call back.\nSoon.", "olivia")

    for stranger in (other, SYSTEM, Actor("key", actor.id, "API key")):
        with pytest.raises(ActionError, match="author"):
            actions.edit_note(stranger, agent, maya, note, "Mine now")
        with pytest.raises(ActionError, match="author"):
            actions.delete_note(stranger, agent, maya, note)
    actions.edit_note(actor, agent, maya, note, "Done.")

    kept = Note.objects.get(end_user=maya)
    assert (kept.text, kept.edited_at is not None) == ("Done.", True)
    actions.delete_note(actor, agent, maya, note)
    assert not Note.objects.exists()


@pytest.mark.parametrize("text", ["", " \n", "x" * 5_001])
def test_a_bad_note_is_refused(agent: Agent, maya: EndUser, actor: Actor, text: str) -> None:
    with pytest.raises(ActionError, match="text"):
        actions.add_note(actor, agent, maya, text)


def test_no_note_outlives_its_user(agent: Agent, maya: EndUser, actor: Actor) -> None:
    actions.erase(actor, agent, maya.id)

    with pytest.raises(EndUser.DoesNotExist):
        actions.add_note(actor, agent, maya, "Too late")
    assert not Note.objects.exists()
