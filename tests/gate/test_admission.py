"""The verdict on one message: limits and their scopes, repeats, what is counted and stored."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.gate import blocks
from frontdesk.gate.admission import admit, check
from frontdesk.gate.models import Refusal, RefusedDay, RefusedTotal, Reservation
from frontdesk.gate.user_limits import limits_of, set_limits
from frontdesk.ledger import assign, linking
from frontdesk.ledger import erase as erasing
from frontdesk.ledger.events import EventError
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.owned import owned_tables
from tests.factories import (
    NOON,
    make_agent_text,
    make_event,
    make_limited_user,
    make_linked_users,
    make_plan,
    make_user,
    record_events,
    set_agent_limits,
)
from tests.gate.asking import ask


def admitted(agent: Agent, *minutes: float, **fields: Any) -> list[bool]:
    return [ask(agent, minute, **fields).admitted for minute in minutes]


def test_what_is_admitted_is_recorded(agent: Agent) -> None:
    verdict = ask(agent, name="Ada", text="Hello")

    assert verdict.admitted
    assert verdict.outcome is not None
    assert verdict.outcome.status == "recorded"
    assert Message.objects.get().text == "Hello"
    assert EndUser.objects.get().name == "Ada"


@pytest.mark.parametrize(
    "fields", [{"role": "agent"}, {"message_id": None}, {"email": "nobody"}, {"chat": "\0"}]
)
def test_what_cannot_be_recorded_is_an_error(agent: Agent, fields: dict[str, Any]) -> None:
    with pytest.raises(EventError):
        admit(agent, make_event(**fields))
    assert not EndUser.objects.exists()


def test_a_message_over_the_limit_is_refused_until_the_window_ends(agent: Agent) -> None:
    set_agent_limits(agent, messages_per_minute=2)

    assert admitted(agent, 0, 0.5, 0.9, 1) == [True, True, False, True]
    verdict = ask(agent, 1.5), ask(agent, 1.75)
    assert verdict[0].admitted
    assert verdict[1].reason == "messages_per_minute"
    assert verdict[1].retry_at == NOON + dt.timedelta(minutes=2)
    assert verdict[1].limit is not None
    assert (verdict[1].limit.value, verdict[1].limit.used) == (2, 2)
    assert verdict[1].text.startswith("You have reached your limit")


def test_what_the_agent_says_uses_up_no_messages(agent: Agent) -> None:
    set_agent_limits(agent, messages_per_minute=2, messages_per_day=3, messages_per_month=3)
    answers = [make_event(minute, role="agent") for minute in (0, 0.25, 1)]
    record_events(agent, *answers)

    assert admitted(agent, 0.1, 0.5, 0.9, 1.5, 1.6) == [True, True, False, True, False]


def test_days_and_months_are_the_agents(agent: Agent) -> None:
    agent.time_zone = "Pacific/Kiritimati"  # NOON is 2 in the night of the 15th there
    set_agent_limits(agent, messages_per_day=1, messages_per_month=2)
    hour = 60

    assert admitted(agent, -3 * hour, 0, 1, 22 * hour) == [True, True, False, False]
    verdict = ask(agent, 22 * hour)
    assert verdict.reason == "messages_per_month"
    assert verdict.retry_at == dt.datetime(2026, 10, 31, 10, tzinfo=dt.UTC)


def test_of_several_limits_the_one_that_lasts_longest_is_reported(agent: Agent) -> None:
    set_agent_limits(agent, messages_per_minute=1, messages_per_day=1)
    ask(agent)

    assert ask(agent, 0.1).reason == "messages_per_day"


def test_a_limit_of_zero_admits_nothing_and_names_no_time(agent: Agent) -> None:
    set_agent_limits(agent, messages_per_day=0)

    verdict = ask(agent)
    assert (verdict.admitted, verdict.retry_at) == (False, None)
    assert verdict.text == "You have reached your limit."


def test_the_length_of_a_message_is_checked_before_other_limits(agent: Agent) -> None:
    set_agent_limits(agent, messages_per_day=0, longest_message=5)

    verdict = ask(agent, text="Hello!", language="es-mx")
    assert verdict.reason == "longest_message"
    assert verdict.text == "Su mensaje es demasiado largo. Escriba como máximo 5 caracteres."
    set_agent_limits(agent, longest_message=5)
    assert admitted(agent, 1, text="🦊" * 5) == [True]


def test_cost_is_refused_once_it_is_used(agent: Agent) -> None:
    set_agent_limits(agent, cost_per_day=100)

    assert admitted(agent, 0, 1) == [True, True]
    record_events(agent, make_event(2, role="agent", cost=99))
    assert admitted(agent, 3) == [True]
    record_events(agent, make_event(4, role="agent", cost=1))
    assert ask(agent, 5).reason == "cost_per_day"
    assert admitted(agent, 24 * 60) == [True]


@pytest.mark.parametrize(
    ("minutes", "fields", "is_admitted"),
    [
        (30, {}, True),  # a gap equal to the timeout still joins
        (30.1, {}, False),
        (-30, {}, True),
        (-30.1, {}, False),
        (1, {"new_session": True}, False),
        (1, {"chat": "another"}, False),
        (1, {"session_id": "one"}, True),
        (600, {"session_id": "one"}, True),
        (1, {"session_id": "answered"}, False),
        (201, {"chat": "proactive"}, False),
    ],
)
def test_sessions_are_refused_where_one_would_start(
    agent: Agent, minutes: float, fields: dict[str, Any], is_admitted: bool
) -> None:
    record_events(
        agent,
        make_event(),
        make_event(session_id="one"),
        make_event(session_id="answered", role="agent"),
        make_event(200, chat="proactive", role="agent"),
    )
    set_agent_limits(agent, sessions_per_day=2)

    assert admitted(agent, minutes, **fields) == [is_admitted]


class TestScopes:
    """For each limit, the most specific set that has it wins."""

    def test_user_before_plan_before_agent(self, agent: Agent) -> None:
        set_agent_limits(agent, messages_per_day=1, messages_per_month=9)
        make_plan(agent, "pro", limits={"messages_per_day": 2})
        make_user(agent, "Ada", plan="pro")
        bert = make_limited_user(agent, "Bert", {"messages_per_day": None}, plan="pro")
        make_user(agent, "Carla", plan="unknown")

        assert admitted(agent, 1, 2, external_id="ada") == [True, False]
        assert admitted(agent, *range(1, 10), external_id="bert") == [True] * 8 + [False]
        assert admitted(agent, 1, external_id="carla") == [False]
        set_limits(agent, bert.id, {})
        assert limits_of(bert.id) == {}

    def test_an_assigned_plan_counts_until_its_end(self, agent: Agent) -> None:
        make_plan(agent, "pro", limits={"messages_per_day": 9})
        make_plan(agent, "free", limits={"messages_per_day": 1})
        ada = make_user(agent, "Ada", plan="free")

        assign.assign_plan(agent.id, [ada.id], "pro", timezone.now() + dt.timedelta(hours=1))
        assert admitted(agent, 1, external_id="ada") == [True]
        EndUser.objects.update(plan_until=timezone.now())
        assert admitted(agent, 2, external_id="ada") == [False]

    def test_linked_identities_share_their_use_and_limits(self, agent: Agent) -> None:
        one, other = make_linked_users(agent)
        set_agent_limits(agent, messages_per_day=3)
        web = {"platform": "web", "external_id": "ada"}

        assert admitted(agent, 1, **web) == [True]
        assert admitted(agent, 2, external_id="ada") == [False]
        set_limits(agent, one.id, {"messages_per_day": 5})
        set_limits(agent, other.id, {"messages_per_day": 4})
        assert admitted(agent, 3, external_id="ada") == [True]
        assert admitted(agent, 4, external_id="ada") == [False]
        linking.unlink(agent, one.id)
        assert admitted(agent, 5, external_id="ada") == [True]

    def test_of_linked_plans_the_most_generous_counts(self, agent: Agent) -> None:
        one, other = make_linked_users(agent)
        make_plan(agent, "pro", limits={"messages_per_day": None})
        make_plan(agent, "free", limits={"messages_per_day": 1})
        assign.assign_plan(agent.id, [one.id], "pro", None)
        assign.assign_plan(agent.id, [other.id], "free", None)

        assert admitted(agent, 1, platform="web", external_id="ada") == [True]


class TestRepeats:
    def test_what_was_admitted_is_admitted_again_and_changes_nothing(self, agent: Agent) -> None:
        set_agent_limits(agent, messages_per_day=1)
        first = ask(agent, message_id="m1")
        blocks.block(agent, [EndUser.objects.get().id], "spam", None, "", "", "olivia")
        again = ask(agent, message_id="m1")

        assert first.admitted
        assert again.admitted
        assert again.outcome is not None
        assert again.outcome.status == "duplicate"
        assert not RefusedDay.objects.exists()
        assert Message.objects.count() == 1

    def test_what_was_refused_is_counted_once(self, agent: Agent) -> None:
        set_agent_limits(agent, messages_per_minute=1)
        ask(agent, platform="web")
        for message in ("m1", "m1", "m2"):
            assert not ask(agent, platform="web", message_id=message).admitted

        total = RefusedTotal.objects.get()
        day = RefusedDay.objects.get()
        assert (total.reason, total.refused) == ("messages_per_minute", 2)
        assert (day.platform, day.day, day.refused) == ("web", timezone.now().date(), 2)
        assert Message.objects.count() == 1


class TestStrangers:
    """A person whose message is refused or only checked does not become a user."""

    def test_a_refused_stranger_is_no_user(self, agent: Agent) -> None:
        set_agent_limits(agent, longest_message=1)
        for _ in range(2):
            assert not ask(agent, message_id="m1").admitted

        assert not EndUser.objects.exists()
        assert not RefusedTotal.objects.exists()
        assert Refusal.objects.count() == RefusedDay.objects.get().refused == 1

    def test_a_reservation_creates_no_user(self, agent: Agent) -> None:
        assert check(agent, make_event(), reserve=True).admitted
        assert not EndUser.objects.exists()

    def test_of_an_erased_user_nothing_is_kept(self, agent: Agent) -> None:
        ada = make_user(agent, "Ada")
        erasing.erase(agent, ada.id, "olivia", may_return=False)
        for event in (make_event(1, external_id="ada"), make_event(2, external_id="ada")):
            assert admit(agent, event).reason == "erased"
            assert check(agent, event).text == "You can no longer write to this assistant."

        left = [m for m in owned_tables() if m._default_manager.filter(end_user_id=ada.id).exists()]
        assert left == []
        assert not EndUser.objects.exists()
        assert RefusedDay.objects.get().refused == 4

    def test_an_erased_user_may_return_when_allowed(self, agent: Agent) -> None:
        ada = make_user(agent, "Ada")
        erasing.erase(agent, ada.id, "olivia", may_return=True)
        later = timezone.now()

        assert ask(agent, 1, external_id="ada").reason == "erased"
        assert ask(agent, external_id="ada", time=later).admitted


class TestReservations:
    def test_a_reservation_lasts_until_the_message_is_reported(self, agent: Agent) -> None:
        set_agent_limits(agent, messages_per_day=2)
        first, second = make_event(1), make_event(2)

        assert [check(agent, e, reserve=True).admitted for e in (first, first, second)] == [
            True
        ] * 3
        assert not check(agent, make_event(3)).admitted
        record_events(agent, first)
        assert [check(agent, e).admitted for e in (second, make_event(4))] == [True, False]
        assert admit(agent, second).admitted
        assert check(agent, make_event(24 * 60)).admitted

    def test_a_reservation_expires(self, agent: Agent) -> None:
        set_agent_limits(agent, messages_per_day=1)
        check(agent, make_event(), reserve=True)
        Reservation.objects.update(expires_at=timezone.now())

        assert check(agent, make_event()).admitted

    @pytest.mark.parametrize(("minutes", "is_kept"), [(9.99, True), (10, False)])
    def test_a_reservation_lasts_ten_minutes(
        self, agent: Agent, travel: Callable[[dt.datetime], None], minutes: float, is_kept: bool
    ) -> None:
        set_agent_limits(agent, messages_per_day=1)
        start = NOON + dt.timedelta(hours=1)
        travel(start)
        assert check(agent, make_event(), reserve=True).admitted

        travel(start + dt.timedelta(minutes=minutes))
        assert check(agent, make_event()).admitted is not is_kept

    def test_a_session_that_is_reserved_can_be_joined(self, agent: Agent) -> None:
        set_agent_limits(agent, sessions_per_day=1)

        assert check(agent, make_event(chat="a"), reserve=True).admitted
        assert check(agent, make_event(1, chat="a"), reserve=True).admitted
        assert not check(agent, make_event(1, chat="b")).admitted
        assert not check(agent, make_event(32, chat="a")).admitted

    def test_without_a_message_id_it_is_only_a_question(self, agent: Agent) -> None:
        set_agent_limits(agent, messages_per_day=0)

        assert not check(agent, make_event(message_id=None)).admitted
        assert not RefusedDay.objects.exists()
        with pytest.raises(EventError, match="messageId"):
            check(agent, make_event(message_id=None), reserve=True)

    def test_a_check_that_is_refused_is_counted_once(self, agent: Agent) -> None:
        make_user(agent, "Ada")
        set_agent_limits(agent, messages_per_day=0)
        event = make_event(external_id="ada")
        for reserve in (False, True, False):
            assert not check(agent, event, reserve=reserve).admitted

        assert RefusedTotal.objects.get().refused == RefusedDay.objects.get().refused == 1


def test_the_text_is_in_the_language_that_is_known_of_the_user(agent: Agent) -> None:
    make_user(agent, "Ada", language="pt-br")
    Agent.objects.update(paused_at=timezone.now())
    make_agent_text(agent, "paused", "pt", "Já volto!")

    assert ask(agent, 1, external_id="ada").text == "Já volto!"
    assert ask(agent, 1, external_id="ada", language="fr").text.startswith("Cet assistant")
