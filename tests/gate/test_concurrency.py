"""Many simultaneous messages of one user: exactly as many as the limit allows are admitted."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.gate import blocks, identities
from frontdesk.gate.admission import admit, check
from frontdesk.gate.identities import LinkedIdentities
from frontdesk.gate.models import Refusal, RefusedDay, RefusedTotal
from frontdesk.ledger import erase as erasing
from frontdesk.ledger import linking, recount
from frontdesk.ledger.events import Event
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.owned import owned_tables
from tests.factories import make_event, make_linked_users, make_user, set_agent_limits
from tests.ledger.test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 20


def share(events: list[Event], act: Callable[[Event], object]) -> None:
    """Run `act` on the events in THREADS threads at once, each with its share of them."""

    def work(part: list[Event]) -> Callable[[], None]:
        def run() -> None:
            for event in part:
                act(event)

        return run

    at_once(*(work(events[start::THREADS]) for start in range(THREADS)))


def test_of_two_hundred_messages_ten_get_in(agent: Agent) -> None:
    set_agent_limits(agent, messages_per_day=10)
    events = [make_event() for _ in range(200)]
    verdicts: list[str] = []
    share(events, lambda event: verdicts.append(admit(agent, event).reason))

    assert Counter(verdicts) == {"": 10, "messages_per_day": 190}
    assert Message.objects.count() == EndUser.objects.get().total_messages_sent == 10
    assert RefusedTotal.objects.get().refused == RefusedDay.objects.get().refused == 190
    assert recount.check(agent) == []


def test_of_a_hundred_messages_of_two_identities_ten_get_in(agent: Agent) -> None:
    make_linked_users(agent)
    set_agent_limits(agent, messages_per_day=2 + 10)
    platforms = ("telegram", "web")
    events = [make_event(external_id="ada", platform=platforms[n % 2]) for n in range(100)]
    share(events, lambda event: admit(agent, event))

    assert Message.objects.count() == 2 + 10


def test_of_a_hundred_reservations_ten_get_in_and_are_reported(agent: Agent) -> None:
    set_agent_limits(agent, messages_per_day=10)
    events = [make_event(time=timezone.now()) for _ in range(100)]
    admitted: list[Event] = []

    def reserve(event: Event) -> None:
        if check(agent, event, reserve=True).admitted:
            admitted.append(event)
            admit(agent, event)

    share(events, reserve)
    assert len(admitted) == Message.objects.count() == 10


def test_each_message_sent_by_all_is_admitted_or_counted_once(agent: Agent) -> None:
    set_agent_limits(agent, messages_per_day=3)
    events = [make_event() for _ in range(6)]

    def send_all() -> None:
        for event in events:
            admit(agent, event)

    at_once(*[send_all] * 6)

    assert Message.objects.count() == 3
    assert RefusedDay.objects.get().refused == 3


def test_linking_during_admission_admits_no_message_too_many(agent: Agent) -> None:
    one, other = make_user(agent, "Ada"), make_user(agent, "Ada", platform="web")
    blocks.block(agent, [one.id], "spam", None, "", "", "olivia")
    linked: list[bool] = []
    late: list[bool] = []

    def link() -> None:
        linking.link(agent, one.id, other.id, "olivia")
        linked.append(True)

    def speak() -> None:
        for _ in range(20):
            was_linked = bool(linked)
            verdict = admit(agent, make_event(external_id="ada", platform="web"))
            late.append(was_linked and verdict.admitted)

    at_once(link, speak, speak)
    assert not any(late)
    assert admit(agent, make_event(external_id="ada", platform="web")).reason == "blocked"


def test_an_erasure_during_an_admission_leaves_nothing(agent: Agent) -> None:
    set_agent_limits(agent, messages_per_day=5)
    ada = make_user(agent, "Ada")

    def speak() -> None:
        for _ in range(15):
            admit(agent, make_event(external_id="ada"))
            check(agent, make_event(external_id="ada"), reserve=True)
            check(agent, make_event(external_id="ada"))

    def erase() -> None:
        erasing.erase(agent, ada.id, "olivia", may_return=False)

    at_once(speak, speak, erase)
    left = [m for m in owned_tables() if m._default_manager.filter(end_user_id=ada.id).exists()]
    assert left == []
    assert not EndUser.objects.exists()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="its writers take turns")
def test_a_linked_identity_that_is_erased_at_that_moment_is_not_recreated(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = make_linked_users(agent)
    read = identities.read

    def read_then_erase(
        ids: Collection[uuid.UUID], now: dt.datetime
    ) -> dict[uuid.UUID, LinkedIdentities]:
        monkeypatch.setattr(identities, "read", read)
        found = read(ids, now)
        at_once(erase)
        return found

    def erase() -> None:
        erasing.erase(agent, other.id, "olivia", may_return=False)

    monkeypatch.setattr(identities, "read", read_then_erase)
    assert admit(agent, make_event(external_id="ada")).admitted
    assert list(EndUser.objects.values_list("id", flat=True)) == [one.id]


def test_a_refusal_during_an_erasure_is_counted_without_the_user(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = make_user(agent, "Ada")
    set_agent_limits(agent, messages_per_day=0)
    lock = identities.lock

    def erase_then_lock(*args: Any) -> Any:
        erasing.erase(agent, ada.id, "olivia", may_return=False)
        monkeypatch.setattr(identities, "lock", lock)
        return lock(*args)

    monkeypatch.setattr(identities, "lock", erase_then_lock)
    assert check(agent, make_event(external_id="ada")).reason == "erased"
    assert not Refusal.objects.exists()
    assert RefusedDay.objects.get().reason == "erased"
