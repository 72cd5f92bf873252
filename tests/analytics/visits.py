"""Users who write on some of `DAYS` days, for tests of weekly counts."""

import datetime as dt

from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.ledger.record import record
from tests.factories import make_event

FIRST = dt.date(2026, 3, 1)
"""A Sunday; Berlin's clocks change on the 29th."""
DAYS = 70

Visits = dict[int, set[int]]
"""The days on which users, by number, wrote: even ones on the web, odd ones in Telegram."""

visits = st.dictionaries(
    st.integers(0, 7), st.sets(st.integers(0, DAYS - 1), min_size=1), max_size=8
)


def day_of(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def record_visits(agent: Agent, visits: Visits) -> None:
    """One message of each user on each of their days, half an hour after midnight."""
    events = []
    for user, days in visits.items():
        for day in days:
            local = dt.datetime.combine(day_of(day), dt.time(0, 30), agent.zone)
            events.append(
                make_event(
                    external_id=str(user),
                    platform=("web", "telegram")[user % 2],
                    message_id=f"{user}-{day}",
                    time=local.astimezone(dt.UTC),
                )
            )
    record(agent, events)
