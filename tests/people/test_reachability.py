"""How Users shows unreachable users: in the list, in the profile, and in files."""

import datetime as dt

import pytest
from django.test import Client

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.reachability import set_reachable
from frontdesk.people import actions
from tests.factories import NOON, make_user
from tests.people.test_pages import list_url, profile_url, text_of
from tests.people.test_profile import words


def lose(user: EndUser, hours: float = 0) -> None:
    at = NOON + dt.timedelta(hours=hours)
    set_reachable(user.agent, user.id, reachable=False, at=at, cause="blocked <b>the bot")


def regain(user: EndUser, hours: float) -> None:
    at = NOON + dt.timedelta(hours=hours)
    set_reachable(user.agent, user.id, reachable=True, at=at, cause="uses the bot again")


@pytest.fixture
def maya(agent: Agent) -> EndUser:
    make_user(agent, "Bert")
    return make_user(agent, "Maya")


def test_the_list_is_filtered_by_it_and_says_why(
    signed_in: Client, agent: Agent, maya: EndUser
) -> None:
    lose(maya)
    page = text_of(signed_in, list_url(agent, "?status=unreachable&columns=name,reachability"))
    assert "Status: Cannot be reached" in page
    assert "No, since 14 Oct 2026" in words(page)
    assert 'title="Blocked &lt;b&gt;the bot, ' in page
    assert "Maya" in page
    assert "Bert" not in page
    everyone = text_of(signed_in, list_url(agent, "?columns=name,reachability"))
    assert words(everyone).count("No, since") == 1
    assert words(everyone).count(" Yes ") == 1


def test_the_profile_says_since_when_and_how_it_came(signed_in: Client, maya: EndUser) -> None:
    assert "reached" not in text_of(signed_in, profile_url(maya))
    lose(maya)
    regain(maya, 1)
    lose(maya, 2)
    page = text_of(signed_in, profile_url(maya))
    assert "<b>the bot" not in page
    assert "Cannot be reached since 14 Oct 2026: blocked &lt;b&gt;the bot" in words(page)
    history = words(page[page.index('id="reachability-title"') :])
    assert history.index("14:00") < history.index("13:00") < history.index("12:00")
    assert history.count("Cannot be reached") == 2
    assert "Can be reached : uses the bot again" in history


def test_a_user_who_returned_keeps_only_the_history(signed_in: Client, maya: EndUser) -> None:
    lose(maya)
    regain(maya, 1)
    page = text_of(signed_in, profile_url(maya))
    assert "Cannot be reached since" not in page
    assert 'id="reachability-title"' in page


def test_a_person_shows_which_identity_it_is(
    signed_in: Client, agent: Agent, maya: EndUser
) -> None:
    web = make_user(agent, "Maya", platform="web")
    person = actions.link(SYSTEM, agent, web.id, maya.id)
    lose(maya)
    page = text_of(signed_in, f"/agents/{agent.id}/people/{person.id}")
    assert "Cannot be reached since" not in page
    identities = page[page.index('class="identities"') : page.index('id="reachability-title"')]
    assert identities.count("Cannot be reached") == 1
    assert "12:00 · Telegram" in words(page)
