"""The guarantees of recording, each with the few events that show it."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.ledger.events import Event
from frontdesk.ledger.models import NEVER, DailyActivity, EndUser, Message, Session
from frontdesk.ledger.record import record
from tests.factories import NOON, make_agent, make_event

MakeEvent = Callable[..., Event]


def statuses(agent: Agent, *events: Event) -> list[str]:
    return [outcome.status for outcome in record(agent, events)]


def the_user(agent: Agent) -> EndUser:
    return EndUser.objects.get(agent=agent)


def recorded(agent: Agent, *events: Event) -> EndUser:
    """Record these events of one user; returns the resulting user."""
    record(agent, events)
    return the_user(agent)


def at(minutes: float) -> dt.datetime:
    return NOON + dt.timedelta(minutes=minutes)


def session_ranges(agent: Agent) -> list[tuple[dt.datetime, dt.datetime]]:
    sessions = Session.objects.filter(end_user_id=the_user(agent).id)
    return sorted(sessions.values_list("first_at", "last_at"))


class TestAnswers:
    def test_a_repeat_is_a_duplicate_also_inside_its_batch(
        self, agent: Agent, event: MakeEvent
    ) -> None:
        assert statuses(agent, event(message_id="1"), event(message_id="1")) == [
            "recorded",
            "duplicate",
        ]
        assert statuses(agent, event(message_id="1")) == ["duplicate"]
        assert the_user(agent).total_messages_sent == 1

    @pytest.mark.parametrize(
        "changes",
        [
            {"text": "Good bye"},
            {"role": "agent"},
            {"time": at(1)},
            {"chat": "elsewhere"},
            {"session_id": "s"},
            {"new_session": True},
            {"model": "gpt-4o"},
            {"input_tokens": 1},
            {"cost": 1},
        ],
    )
    def test_other_content_under_the_same_id_is_a_conflict_and_the_first_stays(
        self, agent: Agent, event: MakeEvent, changes: dict[str, Any]
    ) -> None:
        first, second = event(message_id="1"), event(message_id="1", **changes)
        assert statuses(agent, first) == ["recorded"]
        assert statuses(agent, second) == ["conflict"]
        message = Message.objects.get(end_user_id=the_user(agent).id)
        assert (message.text, message.role, message.sent_at) == ("Hello", "user", NOON)
        assert the_user(agent).total_messages_sent == 1

    def test_a_conflict_inside_one_batch(self, agent: Agent, event: MakeEvent) -> None:
        batch = [event(message_id="1", text=text) for text in ("first", "second", "first")]
        assert statuses(agent, *batch) == ["recorded", "conflict", "duplicate"]
        assert Message.objects.get(end_user_id=the_user(agent).id).text == "first"

    def test_a_conflict_says_why(self, agent: Agent, event: MakeEvent) -> None:
        record(agent, [event(message_id="1")])
        [outcome] = record(agent, [event(message_id="1", text="other")])
        assert outcome.reason

    def test_a_conflict_leaves_the_profile_alone(self, agent: Agent, event: MakeEvent) -> None:
        record(agent, [event(message_id="1", name="Ada")])
        record(agent, [event(message_id="1", text="other", role="agent", name="Mallory")])
        assert the_user(agent).name == "Ada"

    def test_the_same_message_id_of_two_users_is_two_messages(
        self, agent: Agent, event: MakeEvent
    ) -> None:
        batch = [event(message_id="1", external_id=user) for user in ("1", "2")]
        batch += [event(message_id="1", platform="web", external_id="1")]
        assert statuses(agent, *batch) == ["recorded"] * 3
        assert EndUser.objects.filter(agent=agent).count() == 3

    def test_session_and_sequence_identify_a_message(self, agent: Agent, event: MakeEvent) -> None:
        batch = [event(session_id=s, sequence=n) for s, n in (("a", 0), ("a", 1), ("b", 0))]
        assert statuses(agent, *batch, *batch) == ["recorded"] * 3 + ["duplicate"] * 3

    def test_two_agents_know_nothing_of_each_other(self, agent: Agent, event: MakeEvent) -> None:
        other = make_agent("Bert")
        assert statuses(agent, event(message_id="1")) == ["recorded"]
        assert statuses(other, event(message_id="1", text="other")) == ["recorded"]
        assert the_user(agent).id != the_user(other).id

    def test_an_empty_batch_is_answered(self, agent: Agent) -> None:
        assert record(agent, []) == []

    def test_an_agent_that_is_gone(self, db: None, event: MakeEvent) -> None:
        with pytest.raises(Agent.DoesNotExist):
            record(Agent(id=uuid.uuid4(), name="Gone"), [event()])


class TestRejections:
    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"message_id": None}, "messageId"),
            ({"message_id": None, "session_id": "s"}, "messageId"),
            ({"session_id": "s", "new_session": True}, "newSession"),
            ({"edited_at": NOON - dt.timedelta(seconds=1)}, "editedAt"),
            ({"time": dt.datetime(1979, 12, 31, tzinfo=dt.UTC)}, "time"),
            ({"email": "nobody"}, "email"),
            ({"language": "English, please"}, "language"),
            ({"avatar_url": "javascript:alert(1)"}, "avatarUrl"),
            ({"message_id": "a\0b"}, "messageId"),
            ({"external_id": "a\nb"}, "externalId"),
            ({"chat": "\x1b[31m"}, "chat"),
            ({"input_tokens": 1, "cached_tokens": 2}, "cachedTokens"),
            ({"attributes": {"a": "x" * 9000}}, "attributes"),
        ],
    )
    def test_a_bad_event_is_rejected_alone_and_the_reason_names_the_field(
        self, agent: Agent, event: MakeEvent, changes: dict[str, Any], named: str
    ) -> None:
        good, also_good = event(external_id="good"), event(external_id="good")
        bad = event(external_id="bad")
        for name, value in changes.items():
            setattr(bad, name, value)
        outcomes = record(agent, [good, bad, also_good])
        assert [outcome.status for outcome in outcomes] == ["recorded", "rejected", "recorded"]
        assert named in (outcomes[1].reason or "")
        assert the_user(agent).external_id == "good"

    def test_a_time_is_accepted_up_to_five_minutes_ahead(
        self, agent: Agent, event: MakeEvent
    ) -> None:
        now = timezone.now()
        near = event(time=now + dt.timedelta(minutes=4, seconds=50))
        far = event(time=now + dt.timedelta(minutes=5, seconds=30))
        edited = event(edited_at=now + dt.timedelta(minutes=6))
        assert statuses(agent, near, far, edited) == ["recorded", "rejected", "rejected"]

    def test_a_batch_of_bad_events_writes_nothing(self, agent: Agent, event: MakeEvent) -> None:
        assert statuses(agent, event(email="x"), event(language="?")) == ["rejected"] * 2
        assert not EndUser.objects.filter(agent=agent).exists()

    def test_what_no_database_can_hold_is_replaced(self, agent: Agent, event: MakeEvent) -> None:
        ugly = event(
            text="a\0b\ud800c", name="A\0d\u202ea", attributes={"k\0": "v\0", "s": "\ud800"}
        )
        assert statuses(agent, ugly) == ["recorded"]
        assert Message.objects.get(end_user_id=the_user(agent).id).text[:2] == "a\ufffd"
        assert "\0" not in the_user(agent).name


class TestSessions:
    def test_a_gap_of_exactly_the_timeout_still_joins(self, agent: Agent) -> None:
        just_after = NOON + dt.timedelta(minutes=60, microseconds=1)
        record(agent, [make_event(0), make_event(30), make_event(time=just_after)])
        assert session_ranges(agent) == [(at(0), at(30)), (just_after, just_after)]
        assert the_user(agent).total_sessions == 2

    def test_a_late_message_joins_two_sessions(self, agent: Agent) -> None:
        record(agent, [make_event(0), make_event(50)])
        assert the_user(agent).total_sessions == 2
        record(agent, [make_event(25)])
        assert session_ranges(agent) == [(at(0), at(50))]
        assert the_user(agent).total_sessions == 1

    def test_a_late_boundary_splits_a_session(self, agent: Agent) -> None:
        record(agent, [make_event(0), make_event(9), make_event(20)])
        record(agent, [make_event(10, new_session=True)])
        assert session_ranges(agent) == [(at(0), at(9)), (at(10), at(20))]

    def test_a_boundary_holds_in_its_own_chat_only(self, agent: Agent) -> None:
        record(agent, [make_event(0), make_event(10), make_event(0, chat="group")])
        record(agent, [make_event(5, chat="group", new_session=True)])
        assert session_ranges(agent) == [(at(0), at(0)), (at(0), at(10)), (at(5), at(5))]

    def test_an_explicit_session_survives_any_silence_and_never_merges(self, agent: Agent) -> None:
        days = 3 * 24 * 60
        record(agent, [make_event(0, session_id="a"), make_event(days, session_id="a")])
        record(agent, [make_event(1, session_id="b"), make_event(1)])
        assert session_ranges(agent) == [(at(0), at(days)), (at(1), at(1)), (at(1), at(1))]
        assert the_user(agent).total_sessions == 3

    def test_a_tool_keeps_a_session_alive(self, agent: Agent) -> None:
        record(agent, [make_event(0), make_event(25, role="tool"), make_event(50)])
        assert session_ranges(agent) == [(at(0), at(50))]

    def test_only_sessions_with_a_message_of_the_users_are_counted(self, agent: Agent) -> None:
        record(agent, [make_event(0, role="agent"), make_event(90)])
        assert len(session_ranges(agent)) == 2
        assert the_user(agent).total_sessions == 1


class TestTotals:
    def test_each_role_counts_where_it_belongs(self, agent: Agent) -> None:
        roles = ["user", "user", "agent", "tool", "system"]
        record(agent, [make_event(n, role=role) for n, role in enumerate(roles)])
        user = the_user(agent)
        assert (user.total_messages_sent, user.total_chat_messages) == (2, 3)
        assert (user.first_seen_at, user.last_message_at) == (at(0), at(1))

    def test_a_user_who_only_received_messages_has_never_written(self, agent: Agent) -> None:
        record(agent, [make_event(0, role="agent")])
        user = the_user(agent)
        assert user.last_message_at == NEVER
        assert not user.has_written
        assert (user.first_seen_at, user.first_active_on) == (at(0), None)

    def test_unknown_prices_are_counted_and_never_added_as_zero(self, agent: Agent) -> None:
        record(
            agent,
            [
                make_event(0),
                make_event(1, role="agent", cost=250, model="gpt-4o", input_tokens=9),
                make_event(2, role="agent", model="a-model-nobody-prices", input_tokens=9),
                make_event(3, role="agent", input_tokens=9),
                make_event(4, role="agent", cost=0),
            ],
        )
        user = the_user(agent)
        assert (user.user_cost, user.unpriced_messages) == (250, 2)

    def test_failed_answers_are_counted_and_their_error_is_kept(self, agent: Agent) -> None:
        user = recorded(
            agent,
            make_event(0),
            make_event(1, role="agent", error="  model overloaded  ", latency_ms=1200),
            make_event(2, role="agent", failed=True),
            make_event(3, role="tool", failed=True),  # the agent may still answer
        )
        assert user.failed_messages == 2
        assert DailyActivity.objects.get().failed_messages == 2
        message = Message.objects.get(error__gt="")
        assert (message.failed, message.error, message.latency_ms) == (
            True,
            "model overloaded",
            1200,
        )

    def test_the_start_of_a_long_error_is_kept(self, agent: Agent) -> None:
        recorded(agent, make_event(0, role="agent", error="x" * 9_000))
        assert Message.objects.get().error == "x" * 500

    def test_an_edit_may_say_that_the_answer_failed(self, agent: Agent) -> None:
        answer = make_event(0, role="agent", message_id="a")
        later = msgspec.structs.replace(answer, edited_at=answer.time, failed=True)
        user = recorded(agent, answer, later, msgspec.structs.replace(answer))
        assert user.failed_messages == 1

    def test_lengths_hours_and_active_days_are_kept(self, agent: Agent) -> None:
        user = recorded(
            agent,
            make_event(0),  # a Wednesday at 12:00
            make_event(10.5, role="agent"),
            make_event(24 * 60),
            make_event(24 * 60 + 65, role="user"),
        )
        assert user.session_seconds == 630
        assert user.active_days == 2
        assert user.week_hours == {"60": 1, "84": 1, "85": 1}

    def test_the_day_is_the_agents(self, agent: Agent) -> None:
        agent.time_zone = "Asia/Kathmandu"
        agent.save()
        midnight = dt.datetime(2026, 10, 14, 18, 15, tzinfo=dt.UTC)  # 00:00 there, +05:45
        record(agent, [make_event(time=midnight)])
        assert the_user(agent).first_active_on == dt.date(2026, 10, 15)
        record(agent, [make_event(time=midnight - dt.timedelta(microseconds=1))])
        assert the_user(agent).first_active_on == dt.date(2026, 10, 14)


class TestProfile:
    def test_a_newer_event_updates_and_an_older_one_does_not(self, agent: Agent) -> None:
        record(agent, [make_event(10, name="Ada", username="ada")])
        record(agent, [make_event(20, name="Ada Lovelace")])
        record(agent, [make_event(0, name="Augusta", email="ada@example.com")])
        user = the_user(agent)
        assert (user.name, user.username, user.email) == ("Ada Lovelace", "ada", "ada@example.com")

    def test_an_empty_value_clears_and_an_absent_one_changes_nothing(self, agent: Agent) -> None:
        record(agent, [make_event(0, name="Ada", username="ada", tags=["vip"])])
        record(agent, [make_event(1, name="", tags=[])])
        user = the_user(agent)
        assert (user.name, user.username, user.tags) == ("", "ada", [])

    def test_attributes_are_kept_one_by_one(self, agent: Agent) -> None:
        record(agent, [make_event(0, attributes={"a": 1, "b": 1, "c": 1})])
        record(agent, [make_event(2, attributes={"a": 2, "b": None})])
        record(agent, [make_event(1, attributes={"a": 0, "b": 0, "d": 1})])
        assert the_user(agent).attributes == {"a": 2, "c": 1, "d": 1}

    def test_a_cleaned_profile(self, agent: Agent) -> None:
        record(
            agent,
            [make_event(name="  Ada\n Love\u202elace ", username="@ada", language="pt_BR")],
        )
        user = the_user(agent)
        assert (user.name, user.username, user.language) == ("Ada Lovelace", "ada", "pt-br")


class TestEdits:
    def test_the_newest_edit_wins_whatever_arrives_first(self, agent: Agent) -> None:
        original = make_event(0, message_id="1", text="helo")
        first = make_event(0, message_id="1", text="hello", edited_at=at(1))
        second = make_event(0, message_id="1", text="hello!", edited_at=at(2))
        for order in ([original, first, second], [second, original, first], [first, second]):
            other = make_agent("Bert")
            for event in order:
                assert statuses(other, event) != ["conflict"]
            message = Message.objects.get(end_user_id=the_user(other).id)
            assert (message.text, message.edited_at) == ("hello!", at(2))
            assert the_user(other).total_messages_sent == 1

    def test_an_edit_is_not_a_message(self, agent: Agent) -> None:
        record(agent, [make_event(0, message_id="1")])
        record(agent, [make_event(0, message_id="1", text="edited", edited_at=at(500))])
        user = the_user(agent)
        assert (user.total_messages_sent, user.last_message_at) == (1, at(0))
        assert session_ranges(agent) == [(at(0), at(0))]

    def test_another_text_at_the_same_moment_is_a_conflict(self, agent: Agent) -> None:
        edit = {"message_id": "1", "edited_at": at(1)}
        assert statuses(agent, make_event(0, text="a", **edit)) == ["recorded"]
        assert statuses(agent, make_event(0, text="b", **edit)) == ["conflict"]

    def test_an_edit_cannot_move_a_message(self, agent: Agent) -> None:
        record(agent, [make_event(0, message_id="1")])
        moved = make_event(5, message_id="1", text="edited", edited_at=at(6))
        assert statuses(agent, moved) == ["conflict"]
        assert Message.objects.get(end_user_id=the_user(agent).id).text == "Hello"
