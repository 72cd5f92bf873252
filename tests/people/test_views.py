"""Responses of the Users page and the profile; see tests/browser for the pages in use."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.console.users import list_views
from frontdesk.core.sql.budget import TooSlowError
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.record import record
from frontdesk.people.table.columns import COLUMNS, DEFAULT
from tests.factories import NOON, make_agent, make_event

PARTIAL = {"HX-Request": "true", "HX-Target": "section#users"}


@pytest.fixture
def users(agent: Agent) -> str:
    """The URL of a list of 25 users."""
    record(agent, [make_event(n, external_id=str(n), name=f"User {n}") for n in range(25)])
    return f"/agents/{agent.id}/users"


@pytest.fixture
def profile(users: str) -> str:
    return f"{users}/{EndUser.objects.get(external_id='7').id}"


def shown(html: str) -> list[str]:
    return re.findall(r"<bdi>(User \d+)</bdi>", html)


class TestList:
    def test_a_visitor_who_is_not_signed_in_is_asked_to(self, client: Client, users: str) -> None:
        answer = client.get(f"{users}?q=ada")
        assert answer.status_code == 302
        assert answer["Location"] == f"/accounts/login?next={users}%3Fq%3Dada"

    def test_the_fragment_is_the_part_of_the_page(self, signed_in: Client, users: str) -> None:
        page = signed_in.get(users)
        part = signed_in.get(users, headers=PARTIAL)
        assert shown(page.text) == shown(part.text) == [f"User {n}" for n in range(24, 4, -1)]
        assert "<html" in page.text
        assert "<html" not in part.text
        assert "HX-Target" in page["Vary"]

    def test_a_forms_empty_fields_do_not_get_into_the_address(
        self, signed_in: Client, users: str
    ) -> None:
        answer = signed_in.get(
            f"{users}?q=user&last=&sent_min=&sort=-last_message", headers=PARTIAL
        )
        assert answer["HX-Push-Url"] == f"{users}?q=user"

    @pytest.mark.parametrize("size", [10, 50])
    def test_queries_do_not_grow_with_the_rows(
        self, signed_in: Client, users: str, size: int, operator: Operator
    ) -> None:
        operator.remember(page_size=size)
        with CaptureQueriesContext(connection) as captured:
            signed_in.get(users)
        allowed = 17 if connection.vendor == "sqlite" else 21
        assert len(captured) <= allowed, [query["sql"] for query in captured]

    def test_the_page_size_is_remembered_if_it_is_offered(
        self, signed_in: Client, users: str
    ) -> None:
        assert len(shown(signed_in.get(f"{users}?page_size=10").text)) == 10
        assert len(shown(signed_in.get(users).text)) == 10
        odd = signed_in.get(f"{users}?page_size=3").text
        assert "page_size" in odd  # reported as a problem
        assert len(shown(odd)) == len(shown(signed_in.get(users).text)) == 10

    def test_a_preference_that_was_tampered_with_is_ignored(
        self, signed_in: Client, users: str, operator: Operator
    ) -> None:
        operator.remember(page_size="many", users_columns={"name": 1})
        assert len(shown(signed_in.get(users).text)) == 20

    @pytest.mark.parametrize(
        ("error", "words"),
        [(TooSlowError(), "took too long"), (OperationalError("gone"), "database did not answer")],
    )
    def test_a_list_that_takes_too_long_says_so_and_keeps_the_filters(
        self,
        signed_in: Client,
        users: str,
        error: Exception,
        words: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def fail(*args: Any) -> None:
            raise error

        monkeypatch.setattr(list_views, "users_page", fail)
        html = signed_in.get(f"{users}?q=ada&platform=web").text
        assert 'data-empty="could-not-load"' in html
        assert words in html
        assert 'value="ada"' in html
        assert "Platform: Web" in html

    def test_an_unknown_agent_is_not_found(self, signed_in: Client) -> None:
        assert signed_in.get(f"/agents/{uuid.uuid4()}/users").status_code == 404


class TestNew:
    def test_it_says_how_many_wrote_since(self, signed_in: Client, users: str) -> None:
        since = (NOON + dt.timedelta(minutes=21)).isoformat()
        answer = signed_in.get(f"{users}/new", {"since": since})
        assert "3 new" in re.sub(r"<[^>]*>", "", answer.text)

    def test_without_new_messages_there_is_no_pill(self, signed_in: Client, users: str) -> None:
        since = dt.datetime.now(dt.UTC).isoformat()
        assert signed_in.get(f"{users}/new", {"since": since}).text.strip() == ""

    @pytest.mark.parametrize("since", ["", "now", "9999-99-99", "0001-01-01T00:00:00+14:00"])
    def test_an_invalid_time_is_refused(self, signed_in: Client, users: str, since: str) -> None:
        assert signed_in.get(f"{users}/new", {"since": since}).status_code in (200, 422)


class TestColumns:
    def post(self, client: Client, users: str, **data: Any) -> Any:
        return client.post(f"{users}/columns", data)

    def heads(self, client: Client, users: str) -> list[str]:
        return re.findall(r'class="col-(\w+)', client.get(users).text)

    def test_the_choice_and_its_order_are_kept(self, signed_in: Client, users: str) -> None:
        self.post(signed_in, users, column=["cost", "name", "tags"])
        assert self.heads(signed_in, users) == ["cost", "name", "tags"]

    def test_one_moves_up_and_down_as_far_as_there_is_room(
        self, signed_in: Client, users: str
    ) -> None:
        for move, then in (("cost:up", ["cost", "name"]), ("cost:up", ["cost", "name"])):
            self.post(signed_in, users, column=["name", "cost"], move=move)
            assert self.heads(signed_in, users) == then

    def test_unknown_columns_are_dropped_and_the_name_stays(
        self, signed_in: Client, users: str
    ) -> None:
        self.post(signed_in, users, column=["cost", "password", "cost"], move="password:up")
        assert self.heads(signed_in, users) == ["name", "cost"]

    def test_reset_restores_the_default(self, signed_in: Client, users: str) -> None:
        self.post(signed_in, users, column=["name"])
        self.post(signed_in, users, reset="1")
        assert self.heads(signed_in, users) == list(DEFAULT)

    def test_all_of_them_can_be_shown(self, signed_in: Client, users: str) -> None:
        self.post(signed_in, users, column=list(COLUMNS))
        assert self.heads(signed_in, users) == list(COLUMNS)

    @pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "javascript:1"])
    def test_it_never_leads_to_another_site(
        self, signed_in: Client, users: str, elsewhere: str
    ) -> None:
        answer = self.post(signed_in, users, column=["name"], next=elsewhere)
        assert answer["Location"] == users


class TestProfile:
    def test_it_shows_who_and_what(self, signed_in: Client, agent: Agent, profile: str) -> None:
        details = {"username": "seven", "email": "7@example.com", "plan": "pro", "tags": ["vip"]}
        record(agent, [make_event(60, external_id="7", text="Good morning", **details)])
        html = signed_in.get(profile).text
        for words in (
            "User 7",
            "https://t.me/seven",
            "7@example.com",
            "pro",
            "vip",
            "Good morning",
        ):
            assert words in html

    @pytest.mark.parametrize(
        "place",
        [
            "before=x",
            "after=bm90",
            "date=yesterday",
            "date=9999-12-31",
            "date=0001-01-01",
            "message=x",
            f"message={uuid.UUID(int=1)}",
            "before=%FF%FE",
        ],
    )
    def test_no_address_breaks_it(self, signed_in: Client, profile: str, place: str) -> None:
        assert signed_in.get(f"{profile}?{place}").status_code in (200, 404)

    def test_a_link_to_a_message_shows_it(
        self, signed_in: Client, agent: Agent, profile: str
    ) -> None:
        record(agent, [make_event(n, external_id="7", text=f"Text {n}") for n in range(100, 300)])
        message = Message.objects.get(text="Text 120")
        html = signed_in.get(f"{profile}?message={message.id}").text
        assert f'id="m-{message.id}"' in html

    def test_days_are_the_operators(
        self, signed_in: Client, agent: Agent, operator: Operator, profile: str
    ) -> None:
        operator.time_zone = "Pacific/Auckland"
        operator.save()
        assert "Thursday, 15 October 2026" in signed_in.get(profile).text  # noon UTC there

    def test_it_is_of_this_agent_only(self, signed_in: Client, profile: str) -> None:
        other = make_agent("Bert")
        user_id = profile.rpartition("/")[2]
        assert signed_in.get(f"/agents/{other.id}/users/{user_id}").status_code == 404
