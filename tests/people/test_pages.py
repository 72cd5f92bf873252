"""The responses of the Users page, for any request."""

import datetime as dt
import html
import re
import uuid
from urllib.parse import unquote

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.console.users import list_views
from frontdesk.core.sql.budget import TooSlowError
from frontdesk.ledger.events import parse
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.record import record
from frontdesk.people.table.columns import DEFAULT
from tests.factories import make_agent, make_linked_users, make_user, make_users

LIST_BUDGET = 18
HTMX = {"HX-Request": "true", "HX-Target": "section#users"}


def list_url(agent: Agent, query: str = "") -> str:
    return f"/agents/{agent.id}/users{query}"


def profile_url(user: EndUser, query: str = "") -> str:
    return f"/agents/{user.agent_id}/users/{user.id}{query}"


def text_of(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return response.content.decode()


def queries(client: Client, url: str) -> int:
    """How many statements a response takes, without those of PostgreSQL's time budget."""
    with CaptureQueriesContext(connection) as captured:
        text_of(client, url)
    frame = ("SAVEPOINT", "RELEASE", "SET LOCAL")
    return sum(not query["sql"].startswith(frame) for query in captured.captured_queries)


# --- cost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?page=2&page_size=10", "?q=visitor&sort=name"])
def test_a_list_costs_the_same_however_many_rows(
    signed_in: Client, agent: Agent, query: str
) -> None:
    make_users(agent, 12)
    queries(signed_in, list_url(agent, query))  # remembers the size
    few = queries(signed_in, list_url(agent, query))
    make_users(agent, 60)
    assert queries(signed_in, list_url(agent, query)) == few <= LIST_BUDGET


# --- the list -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "?page=0",
        "?page=-1",
        "?page=99999999999999999999",
        "?page_size=0",
        "?page_size=37",
        "?page_size=100000",
        "?sort=password",
        "?last=yesterday",
        "?last_from=2026-02-30",
        "?last_from=2026-03-02&last_to=2026-03-01",
        "?sent_min=-1",
        "?sent_min=5&sent_max=4",
        "?sent_min=%D9%A3",
        "?platform=Web%20Chat",
    ],
)
def test_invalid_parameters_are_ignored_visibly(
    signed_in: Client, agent: Agent, query: str
) -> None:
    make_user(agent, "Maya")
    answer = text_of(signed_in, list_url(agent, query))
    assert "Ignored <code>" in answer
    assert ("Maya" in answer) == ("sent_min=5" not in query)  # which is valid


@pytest.mark.parametrize(
    "query", ["?q=%00", "?q=%25", "?q=%FF%FE", "?q='&q=\"", "?nonsense=1", "?page="]
)
def test_odd_addresses_are_answered(signed_in: Client, agent: Agent, query: str) -> None:
    make_user(agent, "Maya")
    text_of(signed_in, list_url(agent, query))


def test_a_page_past_the_end_shows_the_last(signed_in: Client, agent: Agent) -> None:
    make_users(agent, 25)
    assert "Visitor 025" in text_of(signed_in, list_url(agent, "?page=99"))


def test_the_page_size_is_remembered(signed_in: Client, agent: Agent, operator: Operator) -> None:
    make_users(agent, 25)
    text_of(signed_in, list_url(agent, "?page_size=10"))
    assert "Visitor 011" not in text_of(signed_in, list_url(agent))
    text_of(signed_in, list_url(agent, "?page_size=37"))
    operator.refresh_from_db()
    assert operator.preferences["page_size"] == 10


def test_htmx_gets_the_list_alone_under_its_clean_address(signed_in: Client, agent: Agent) -> None:
    url = list_url(agent, "?q=&platform=web&last=&sent_min=&sort=-last_message")
    response = signed_in.get(url, headers=HTMX)
    assert response.content.decode().lstrip().startswith("<section")
    assert response["HX-Push-Url"] == list_url(agent, "?platform=web")
    assert "HX-Target" in response["Vary"]
    assert "<!doctype html>" in text_of(signed_in, url)


def test_typing_on_replaces_the_address(signed_in: Client, agent: Agent) -> None:
    headers = {**HTMX, "HX-Source": "form#users-form"}
    url = list_url(agent, "?q=may&platform=")
    first = signed_in.get(url, headers={**headers, "HX-Current-URL": f"http://x{list_url(agent)}"})
    assert first["HX-Push-Url"] == list_url(agent, "?q=may")
    on = signed_in.get(url, headers={**headers, "HX-Current-URL": f"http://x{list_url(agent)}?q=m"})
    assert "HX-Push-Url" not in on
    assert on["HX-Replace-Url"] == list_url(agent, "?q=may")


@pytest.mark.parametrize("error", [TooSlowError, DatabaseError])
def test_a_list_that_takes_too_long_keeps_the_query(
    signed_in: Client, agent: Agent, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(list_views, "users_page", fail)
    answer = text_of(signed_in, list_url(agent, "?q=maya&platform=web"))
    assert 'data-empty="could-not-load"' in answer
    assert 'value="maya"' in answer
    assert "Platform: Web" in answer


def test_the_list_is_of_this_agent(signed_in: Client, agent: Agent) -> None:
    make_user(make_agent("Bob"), "Zoe")
    assert "Zoe" not in text_of(signed_in, list_url(agent))
    text_of(signed_in, f"/agents/{uuid.uuid4()}/users", status=404)


def test_every_page_is_behind_sign_in(client: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya")
    for url in (list_url(agent, "?q=maya"), list_url(agent, "/new"), profile_url(user)):
        response = client.get(url)
        assert response.status_code == 302
        assert unquote(response["Location"]).endswith(f"/accounts/login?next={url}")
    assert client.post(list_url(agent, "/columns")).status_code == 302


# --- what is new --------------------------------------------------------------------------------


def poll_of(client: Client, agent: Agent) -> str:
    found = re.search(r'hx-get="([^"]+/users/new[^"]+)"', text_of(client, list_url(agent)))
    assert found
    return found[1].replace("&amp;", "&")


def test_news_are_what_came_after_the_list_was_made(signed_in: Client, agent: Agent) -> None:
    assert "1 new" not in text_of(signed_in, poll_of(signed_in, agent))
    make_user(agent, "Ahead", time=now() + dt.timedelta(minutes=3))  # a clock that is ahead
    poll = poll_of(signed_in, agent)
    assert "new" not in text_of(signed_in, poll)
    make_user(agent, "Maya", time=now() + dt.timedelta(minutes=4))
    assert "1 new" in text_of(signed_in, poll)


@pytest.mark.parametrize(
    "since", ["", "yesterday", "0001-01-01T00:00:00", "9999-12-31T23:59:59-12:00"]
)
def test_an_invalid_time_is_refused_or_answered(
    signed_in: Client, agent: Agent, since: str
) -> None:
    response = signed_in.get(list_url(agent, f"/new?since={since}"))
    assert response.status_code in (200, 422)


# --- columns ------------------------------------------------------------------------------------


def test_the_first_message_that_a_newcomer_is_shown_is_a_good_one(
    signed_in: Client, agent: Agent
) -> None:
    command = html.unescape(signed_in.get(list_url(agent)).text)
    found = re.search(r"-d '\[(.+?)\]'", command, re.DOTALL)
    assert found
    assert record(agent, [parse(found[1])])[0].status == "recorded"


def test_columns_are_chosen_moved_and_reset(
    signed_in: Client, agent: Agent, operator: Operator
) -> None:
    def post(**data: object) -> list[str]:
        signed_in.post(list_url(agent, "/columns"), data)
        operator.refresh_from_db()
        return list(operator.preferences["users_columns"])

    assert post(column=["cost", "name", "hack", "cost"]) == ["cost", "name"]
    assert post(column=["cost"]) == ["name", "cost"]  # the name is what opens a user
    assert post(column=["name", "cost", "tags"], move="tags:up") == ["name", "tags", "cost"]
    assert post(column=["name", "cost"], move="cost:down") == ["name", "cost"]
    assert post(column=["name"], move="hack:up") == ["name"]
    assert post(reset="1") == list(DEFAULT)


def test_columns_lead_back_to_the_list_and_nowhere_else(signed_in: Client, agent: Agent) -> None:
    url = list_url(agent, "/columns")
    for given, expected in (
        (list_url(agent, "?sort=name"), list_url(agent, "?sort=name")),
        ("https://example.com/", list_url(agent)),
        ("//example.com", list_url(agent)),
        ("javascript:alert(1)", list_url(agent)),
        ("", list_url(agent)),
    ):
        assert signed_in.post(url, {"next": given})["Location"] == expected


def test_the_number_of_persons_is_beside_the_total(signed_in: Client, agent: Agent) -> None:
    address = f"/agents/{agent.id}/users"
    make_user(agent, "Bob")
    assert "users-persons" not in signed_in.get(address).content.decode()
    make_linked_users(agent)
    assert "(2 persons)</span>" in signed_in.get(address).content.decode()
    assert "(1 person)</span>" in signed_in.get(address, {"q": "ada"}).content.decode()
    assert "users-persons" not in signed_in.get(address, {"platform": "web"}).content.decode()
