"""Users who are known by their ids are found by their ids, however many their agent has."""

import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from frontdesk.agents.models import Agent
from frontdesk.gate import blocks
from frontdesk.ledger import linking, users
from tests.people.visitors import write

BY_AGENT = "enduser_"
ALLOWED = ("enduser_person",)


def indexes(captured: CaptureQueriesContext) -> set[str]:
    """The indexes that begin with the agent through which SQLite would read these users."""
    used = set()
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            if query["sql"].startswith("SELECT") and "ledger_enduser" in query["sql"]:
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}".replace("%", "%%"))
                words = " ".join(row[3] for row in cursor.fetchall()).split()
                used |= {word for word in words if word.startswith(BY_AGENT)} - set(ALLOWED)
    return used


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's planner has statistics")
def test_no_act_on_some_users_reads_all_of_the_agents(agent: Agent) -> None:
    ada, eve = write(agent, "Ada"), write(agent, "Eve", platform="web")
    ids = [ada.id, eve.id, *(uuid.uuid4() for _ in range(300))]
    with CaptureQueriesContext(connection) as captured:
        linking.link(agent, ada.id, eve.id, "Olivia")
        blocks.block(agent, ids, "Spam", None, "", "", "Olivia")
        blocks.unblock(agent, ids, "Olivia")
        with transaction.atomic():
            users.lock_ids(agent.id, ids)
        linking.unlink(agent, ada.id, "Olivia")
    assert len(captured) > 10
    assert indexes(captured) == set()
