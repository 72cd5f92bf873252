"""The figures of the agents' cards, compared with a plain count."""

import datetime as dt
import random

import pytest

from frontdesk.agents.models import Agent
from frontdesk.analytics.overview import Figures, figures_of
from frontdesk.ledger.events import user_id
from frontdesk.ledger.linking import link
from frontdesk.ledger.record import record
from tests.factories import make_agent, make_event

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 3, 20, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "zone", ["UTC", "Asia/Kathmandu", "Pacific/Kiritimati", "America/St_Johns"]
)
def test_figures_equal_a_plain_count(zone: str) -> None:
    agent = make_agent(time_zone=zone)
    chance = random.Random(zone)
    seen: list[tuple[tuple[str, str], dt.date]] = []
    events = []
    for number in range(400):
        user = (chance.choice(["web", "telegram"]), str(chance.randrange(40)))
        time = NOW - dt.timedelta(days=45 * chance.random() ** 2)
        events.append(
            make_event(platform=user[0], external_id=user[1], message_id=str(number), time=time)
        )
        seen.append((user, time.astimezone(agent.zone).date()))
    record(agent, events)

    today = NOW.astimezone(agent.zone).date()
    days = [today - dt.timedelta(days=back) for back in range(29, -1, -1)]
    figures = figures_of([agent], NOW)[agent.id]
    assert figures.users == len({user for user, _ in seen})
    assert figures.active_week == len({user for user, day in seen if day in days[-7:]})
    assert figures.daily == [len({user for user, day in seen if day == each}) for each in days]
    assert set(figures.platforms) == {"web", "telegram"}


def test_an_agent_without_messages_has_zeros(agent: Agent) -> None:
    assert figures_of([agent], NOW)[agent.id] == Figures(daily=[0] * 30, platforms=[])


def test_agents_do_not_mix(agent: Agent) -> None:
    other = make_agent("Other")
    record(other, [make_event(message_id="1", time=NOW)])
    figures = figures_of([agent, other], NOW)
    assert (figures[agent.id].users, figures[other.id].users) == (0, 1)
    assert (figures[agent.id].active_week, figures[other.id].active_week) == (0, 1)


def test_the_persons_of_linked_users_are_beside_both_numbers(agent: Agent) -> None:
    days_ago = {"1": 0, "2": 0, "3": 20}
    events = [
        make_event(external_id=who, message_id=who, time=NOW - dt.timedelta(days=days))
        for who, days in days_ago.items()
    ]
    record(agent, events)
    one, two, three = (user_id(agent.id, "telegram", who) for who in days_ago)
    link(agent, one, three, "olivia")
    figures = figures_of([agent, make_agent("Other")], NOW)[agent.id]
    assert (figures.users_note, figures.active_note) == ("2 persons", "")
    link(agent, one, two, "olivia")
    figures = figures_of([agent], NOW)[agent.id]
    assert (figures.users_note, figures.active_note) == ("1 person", "1 person")


def test_no_agents_no_figures() -> None:
    assert figures_of([], NOW) == {}
