"""Many profiles without messages at once."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from frontdesk.agents.models import Agent
from frontdesk.ledger import recount
from frontdesk.ledger.erase import erase
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.profiles import preview_profiles, put_profiles
from frontdesk.ledger.record import record
from tests import oracle
from tests.factories import make_agent, make_event, make_import, make_user
from tests.ledger.histories import copies
from tests.ledger.test_concurrency import at_once


@pytest.mark.django_db(transaction=True)
def test_each_contact_of_a_batch_has_an_outcome(agent: Agent) -> None:
    gone = make_user(agent, "Gone")
    erase(agent, gone.id, "Olivia", may_return=False)
    batch = [
        make_event(1, external_id="a", name="Ada"),
        make_event(1, external_id="a", name="Ada"),
        make_event(0, external_id="a", name="Older"),
        make_event(2, external_id="a", name="Newer"),
        make_event(0, external_id="b", email="nonsense"),
        make_event(0, external_id="gone"),
        make_event(0, external_id="c"),
    ]
    expected = ["recorded", "duplicate", "recorded", "recorded", "rejected", "rejected", "recorded"]
    assert [o.status for o in preview_profiles(agent, copies(batch))] == expected
    assert not EndUser.objects.exists()
    outcomes = put_profiles(agent, copies(batch))
    assert [outcome.status for outcome in outcomes] == expected
    assert outcomes[4].reason == "email is not an e-mail address"
    assert "was erased" in (outcomes[5].reason or "")
    assert sorted(EndUser.objects.values_list("external_id", "name")) == [("a", "Newer"), ("c", "")]
    assert {o.status for o in put_profiles(agent, copies(batch[:4]))} == {"duplicate"}
    assert not Message.objects.exists()
    assert not recount.check(agent)


@pytest.mark.django_db(transaction=True)
def test_ten_times_the_contacts_take_no_more_statements() -> None:
    counts = []
    for size in (50, 500):
        agent = make_agent(str(size))
        batch = [make_event(n, external_id=str(n), name="Ada", tags=["vip"]) for n in range(size)]
        with CaptureQueriesContext(connection) as captured:
            put_profiles(agent, batch, make_import(agent).id)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 20


@pytest.mark.django_db(transaction=True)
def test_contacts_and_messages_are_written_at_once(agent: Agent) -> None:
    contacts = [
        make_event(n, external_id=str(n % 7), name=f"Name {n}", tags=[f"t{n % 3}"])
        for n in range(60)
    ]
    messages = [make_event(n, external_id=str(n % 7), language="en") for n in range(60)]
    imports = make_import(agent).id

    def put() -> None:
        for start in range(0, 60, 5):
            put_profiles(agent, copies(contacts[start : start + 5][::-1]), imports)

    def say() -> None:
        for start in range(0, 60, 5):
            record(agent, copies(messages[start : start + 5]))

    at_once(put, say, put)
    assert oracle.read(agent) == oracle.recount(agent, messages, contacts)
    assert recount.check(agent) == []


def test_an_update_counts_from_its_own_time(agent: Agent) -> None:
    make_user(agent, "Ada", minutes=60)
    known = make_event(0, external_id="ada", name="New")
    known.edited_at = known.time + dt.timedelta(minutes=90)
    put_profiles(agent, [known])
    assert (EndUser.objects.get().name, EndUser.objects.get().first_seen_at) == ("New", known.time)
