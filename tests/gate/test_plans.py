"""Users with known ids are found by their ids, however many users the agent has."""

import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from frontdesk.agents.models import Agent
from frontdesk.gate import admission, blocks, limit_status
from frontdesk.ledger import linking, users
from tests.factories import make_event, make_user

BY_AGENT = "enduser_"
ALLOWED = ("enduser_person",)


def indexes(captured: CaptureQueriesContext) -> set[str]:
    """The indexes starting with the agent through which SQLite would read these users."""
    used = set()
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            is_read = query["sql"].lstrip().startswith(("SELECT", "WITH"))
            if is_read and "ledger_enduser" in query["sql"]:
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}".replace("%", "%%"))
                words = " ".join(row[3] for row in cursor.fetchall()).split()
                used |= {word for word in words if word.startswith(BY_AGENT)} - set(ALLOWED)
    return used


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's planner has statistics")
def test_no_action_on_some_users_reads_all_users_of_the_agent(agent: Agent) -> None:
    ada, eve = make_user(agent, "Ada"), make_user(agent, "Eve", platform="web")
    ids = [ada.id, eve.id, *(uuid.uuid4() for _ in range(300))]
    with CaptureQueriesContext(connection) as captured:
        linking.link(agent, ada.id, eve.id, "Olivia")
        blocks.block(agent, ids, "Spam", None, "", "", "Olivia")
        blocks.unblock(agent, ids, "Olivia")
        with transaction.atomic():
            users.lock_ids(agent.id, ids)
        linking.unlink(agent, ada.id)
    assert len(captured) > 10
    assert indexes(captured) == set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's planner has statistics")
def test_nor_does_the_gate(agent: Agent) -> None:
    agent.limits = {"messages_per_minute": 9, "sessions_per_day": 9, "cost_per_month": 9}
    agent.save()
    ada, eve = make_user(agent, "Ada"), make_user(agent, "Eve", platform="web")
    linking.link(agent, ada.id, eve.id, "Olivia")
    with CaptureQueriesContext(connection) as captured:
        event = make_event(external_id=ada.external_id, time=now())
        assert admission.check(agent, event, reserve=True).admitted
        assert admission.admit(agent, event).admitted
        limit_status.limit_status(agent, ada)
    assert len(captured) > 10
    assert indexes(captured) == set()
