"""Every address: who gets in, whose rows it finds, and that a GET changes nothing.

The addresses come from the URL configuration, so that none can be forgotten: one that is in none
of the tables below has to send guests to sign in.
"""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLResolver, get_resolver, resolve
from django.urls.resolvers import RegexPattern

from frontdesk.accounts import access
from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.backends.models import Backend
from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.core.encryption import encrypt
from frontdesk.imports import upload_files, uploads
from frontdesk.imports.models import Upload
from frontdesk.imports.rejects import Rejects
from frontdesk.ledger import deletion
from frontdesk.people import actions
from frontdesk.people.bulk_actions import bulk
from frontdesk.people.table import saved_views
from frontdesk.people.table.users_query import UsersQuery
from tests.factories import (
    make_agent,
    make_backend,
    make_bot,
    make_import,
    make_invitee,
    make_key,
    make_operator,
    make_plan,
    make_tag,
    make_upload,
    make_user,
    make_web_chat,
)

pytestmark = pytest.mark.django_db

PUBLIC = {
    "home": "redirects to the agents",
    "healthz": "monitoring requests it",
    "account_login": "signing in",
    "account_logout": "signing out",
    "account_signup": "says that sign-up is closed",
    "account_inactive": "says that an account is closed",
    "account_reset_password": "says who can set a new password",
    "accounts:first-owner": "asks for the token of the one-time link",
    "web:chat": "a chat is public",
    "web:embedded": "a chat is public",
    "web:widget": "a chat is public",
    "web:visitor": "where a visitor of a chat gets a token",
    "web:widget_script": "other sites load it; it is the same for all",
    "telegram:webhook": "asks for Telegram's secret",
    "api/": "redirects to the API's documentation",
    "api:openapi-json": "documentation, the same for all",
    "api:openapi-view": "documentation, the same for all",
    "api:api-root": "hidden behind the redirect to the documentation",
    "api/*": "says that there is no such address",
}
"""Addresses that need no sign-in, token or key, and why."""
WITH_TOKEN = {"web:messages", "web:stop", "web:usage", "web:link", "web:continue_link"}
"""Addresses that a visitor's browser requests."""
API = "api:"
"""Addresses below this need a key."""


def walk(resolver: URLResolver, before: str = "", spaces: str = "") -> Iterator[tuple[str, str]]:
    """The name and the route of every address below; the route stands in for a missing name."""
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(
                pattern, route, f"{spaces}{pattern.namespace}:" if pattern.namespace else spaces
            )
        else:
            is_regex = isinstance(pattern.pattern, RegexPattern)
            yield spaces + (pattern.name or route + "*" * is_regex), route


ADDRESSES = list(walk(get_resolver()))
ROUTES = dict(ADDRESSES)
FOR_OPERATORS = sorted(
    name for name in ROUTES.keys() - PUBLIC.keys() - WITH_TOKEN if not name.startswith(API)
)
PAGES = [name for name in FOR_OPERATORS if "<uuid:agent_id>" in ROUTES[name]]
"""Addresses of one agent, for operators."""
CHAT = sorted(name for name in ROUTES if ROUTES[name].startswith("chat/"))

SECRET = "ssshhhh"
NOT_WATCHED = {"django_session", "people_medians"}
"""Tables that a GET may write: a session's age, and numbers that are computed when needed."""


KEYS = {
    "agents:try-limit": "messages_per_day",
    "analytics:agent-csv": "figures",
    "analytics:company-csv": "agents",
    "imports:rejected": "lines",
}
"""Values for the part `key` of an address."""


def arguments_of(name: str) -> list[str]:
    return re.findall(r"<(?:\w+:)?(\w+)>", ROUTES[name])


def ids_in(name: str) -> set[str]:
    """The ids in the address, besides the agent's."""
    return {key for key in arguments_of(name) if key.endswith("_id")} - {"agent_id"}


def rows_of(agent: Agent, operator: Operator) -> dict[str, Any]:
    """One row of everything that an address can name, by its name in the address."""
    name = f"Maya of {agent.name}"
    user, other = (
        make_user(agent, name, tags=["reported"]),
        make_user(agent, f"{name} again", platform="web"),
    )
    gone = make_user(agent, f"{name} gone")
    actor = operator.actor
    open_channels(agent)
    return {
        "agent_id": agent.id,
        "user_id": user.id,
        "person_id": actions.link(actor, agent, user.id, other.id).id,
        "note_id": actions.add_note(actor, agent, user, "Likes tea").id,
        "erasure_id": actions.erase(actor, agent, gone.id).id,
        "import_id": make_import(agent).id,
        "upload_id": make_rejected(agent).id,
        "job_id": bulk.start(SYSTEM, agent, "unblock", {}, [user.id]).id,
        "view_id": saved_views.save(operator, agent, "Mine", True, UsersQuery(), []).id,
        "invitee_id": make_invitee(agent, "username", "maya").id,
        "plan_id": make_plan(agent, "pro").id,
        "tag_id": make_tag(agent, "vip").id,
        "key_id": make_key(agent, "ingest", name="bot")[0].id,
        "key": "messages_per_day",
        "message_id": uuid.uuid4(),
        "channel": "telegram",
        "bot_id": TelegramBot.objects.get(agent=agent).id,
        "token": "no-token",
        "user": f"{user.platform}:{user.external_id}",
        "erasure": "1",
    }


def make_rejected(agent: Agent) -> Upload:
    """An upload that waits for its import, with lines that an earlier try has rejected."""
    upload = make_upload(agent)
    uploads.work.call(str(upload.id))
    with Rejects(upload_files.path_of(upload)) as rejects:
        rejects.add(b"{}", "no time")
    return upload


def open_channels(agent: Agent) -> None:
    """The rows behind the pages of channels and of the backend."""
    make_backend(agent, Backend.Kind.HTTP, key=SECRET)
    make_web_chat(agent, secret=encrypt(SECRET))
    number = agent.id.int % 2**40
    make_bot(agent, bot_id=number, username="bot", token=encrypt(f"1:{SECRET}"))


@pytest.fixture
def rows(agent: Agent, operator: Operator) -> dict[str, Any]:
    return rows_of(agent, operator)


def address(name: str, rows: dict[str, Any]) -> str:
    """The page's address; its parts are filled in from the rows."""
    values = rows | ({"key": KEYS[name]} if "key" in arguments_of(name) else {})
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), ROUTES[name])


def everything() -> dict[str, list[Any]]:
    """All rows of all tables, except those that a GET may write."""
    return {
        model._meta.db_table: sorted(map(repr, model._default_manager.values_list()))
        for model in apps.get_models()
        if model._meta.db_table not in NOT_WATCHED
    }


def get(client: Client, url: str) -> int:
    """The status of the response, which is read to its end and shows no secret."""
    response = client.get(url)
    assert SECRET.encode() not in response.getvalue()
    return response.status_code


def send(client: Client, url: str) -> int:
    """The status of the response to a form; 405 if the page has none."""
    return client.post(url, {"confirmed": "1"}).status_code


def is_sent_to_sign_in(response: Any) -> bool:
    return bool(response.status_code == 302 and response["Location"].startswith("/accounts/login"))


def test_every_address_has_one_name_and_the_tables_contain_no_other() -> None:
    assert len(ROUTES) == len(ADDRESSES)
    assert not (PUBLIC.keys() | WITH_TOKEN | KEYS.keys()) - ROUTES.keys()


def test_every_route_leads_to_its_page(rows: dict[str, Any], subtests: pytest.Subtests) -> None:
    for name in [*FOR_OPERATORS, *WITH_TOKEN]:
        with subtests.test(name):
            assert resolve(address(name, rows)).view_name == name


def test_a_guest_is_sent_to_sign_in(
    client: Client, rows: dict[str, Any], subtests: pytest.Subtests
) -> None:
    before = everything()
    for name in FOR_OPERATORS:
        url = address(name, rows)
        with subtests.test(name):
            assert is_sent_to_sign_in(client.get(url))
            assert is_sent_to_sign_in(client.post(url, {"confirmed": "1"}))
    assert everything() == before


def test_public_addresses_need_no_sign_in(
    client: Client, rows: dict[str, Any], subtests: pytest.Subtests
) -> None:
    before = everything()
    for name in PUBLIC:
        url = address(name, rows)
        with subtests.test(name):
            assert not is_sent_to_sign_in(client.get(url))
            assert not is_sent_to_sign_in(client.post(url))
    assert everything() == before


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_the_api_asks_for_a_key(
    signed_in: Client, rows: dict[str, Any], subtests: pytest.Subtests, method: str
) -> None:
    names = [name for name in ROUTES if name.startswith(API) and name not in PUBLIC]
    answers = {}
    for name in names:
        with subtests.test(name):
            response = getattr(signed_in, method)(address(name, rows))
            answers[name] = response.status_code
            assert response.status_code in (401, 405)
    assert 401 in answers.values() or method == "patch"


def test_an_operator_without_access_finds_no_page(
    signed_in: Client,
    rows: dict[str, Any],
    subtests: pytest.Subtests,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(access, "agents_for", lambda operator: Agent.objects.none())
    before = everything()
    for name in PAGES:
        with subtests.test(name):
            url = address(name, rows)
            states = {get(signed_in, url), send(signed_in, url)}
            assert 404 in states
            assert states <= {404, 405}
    assert everything() == before


def test_looking_changes_nothing(
    signed_in: Client, rows: dict[str, Any], subtests: pytest.Subtests
) -> None:
    before = everything()
    for name in PAGES:
        with subtests.test(name):
            assert get(signed_in, address(name, rows)) in (200, 302, 405, 422)
            assert everything() == before


def test_a_form_without_its_token_does_nothing(
    operator: Operator, rows: dict[str, Any], subtests: pytest.Subtests
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    before = everything()
    for name in PAGES:
        with subtests.test(name):
            sent = client.post(address(name, rows), {"confirmed": "1"})
            assert sent.status_code in (403, 405)
    assert everything() == before


def test_another_agents_rows_are_not_found(
    signed_in: Client, operator: Operator, rows: dict[str, Any], subtests: pytest.Subtests
) -> None:
    theirs = rows_of(make_agent("Bert"), operator)
    before = everything()
    for name in PAGES:
        for key in ids_in(name):
            with subtests.test(name, key=key):
                url = address(name, {**rows, key: theirs[key]})
                assert {get(signed_in, url), send(signed_in, url)} <= {404, 405}
    assert everything() == before


def test_an_operator_cannot_change_what_another_wrote(
    client: Client, rows: dict[str, Any], subtests: pytest.Subtests
) -> None:
    client.force_login(make_operator("other"))
    before = everything()
    for name in PAGES:
        if {"note_id", "view_id"} & ids_in(name):
            with subtests.test(name):
                url = address(name, rows)
                assert {get(client, url), send(client, url)} <= {404, 405}
    assert everything() == before


def test_an_agent_that_is_being_deleted_has_no_pages(
    signed_in: Client, agent: Agent, rows: dict[str, Any], subtests: pytest.Subtests
) -> None:
    deletion.request_deletion(agent)
    for name in PAGES:
        with subtests.test(name):
            url = address(name, rows)
            assert {get(signed_in, url), send(signed_in, url)} <= {404, 405}


def in_chat(agent: Agent) -> dict[str, Any]:
    """What addresses of an agent's chat can name."""
    return {"agent_id": agent.id, "message_id": uuid.uuid4(), "channel": "telegram"}


def test_a_chat_that_is_closed_has_no_addresses(
    client: Client, agent: Agent, subtests: pytest.Subtests
) -> None:
    for name in CHAT:
        url = address(
            name, {"agent_id": agent.id, "message_id": uuid.uuid4(), "channel": "telegram"}
        )
        with subtests.test(name):
            assert {get(client, url), send(client, url)} <= {404, 405}


def test_a_visitor_needs_a_token_but_no_sign_in(
    client: Client, agent: Agent, subtests: pytest.Subtests
) -> None:
    open_channels(agent)
    before = everything()
    for name in CHAT:
        url = address(
            name, {"agent_id": agent.id, "message_id": uuid.uuid4(), "channel": "telegram"}
        )
        with subtests.test(name):
            answers = {
                client.get(url).status_code,
                client.post(url, {}, content_type="application/json").status_code,
            }
            assert answers - {405} == {401 if name in WITH_TOKEN else 200}
            assert everything() == before
