"""Every page of an agent: whom it lets in, whose rows it finds, and that looking changes nothing.

The addresses are taken from the URL configuration, so that a new page cannot be forgotten.
"""

import uuid
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, reverse

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.backends.models import Backend
from frontdesk.channels.telegram import urls as telegram_urls
from frontdesk.channels.web import urls as web_urls
from frontdesk.console.agents import urls as agents_urls
from frontdesk.console.settings import backend_urls as backends_urls
from frontdesk.console.settings import channel_urls as channels_urls
from frontdesk.console.users import urls as people_urls
from frontdesk.core.encryption import encrypt
from frontdesk.ledger import deletion
from frontdesk.people import actions
from frontdesk.people.bulk_actions import bulk
from frontdesk.people.table import saved_views
from frontdesk.people.table.filters import UsersQuery
from tests.factories import (
    make_agent,
    make_backend,
    make_bot,
    make_invitee,
    make_key,
    make_operator,
    make_plan,
    make_tag,
    make_user,
    make_web_chat,
)

pytestmark = pytest.mark.django_db

PATTERNS = {
    f"{urls.app_name}:{pattern.name}": pattern
    for urls in (agents_urls, people_urls, backends_urls, channels_urls, web_urls, telegram_urls)
    for pattern in urls.urlpatterns
    if isinstance(pattern, URLPattern)
}
WITHOUT_TOKEN = {"web:chat", "web:embedded", "web:widget", "web:visitor"}
WITH_TOKEN = {
    *("web:messages", "web:stop", "web:usage", "web:link", "web:telegram_link"),
}
"""What a visitor's browser asks: the first let everybody in, the second who has a token."""
FROM_OUTSIDE = {"web:widget_script", "telegram:webhook"} | WITHOUT_TOKEN | WITH_TOKEN
PAGES = sorted(PATTERNS.keys() - FROM_OUTSIDE - {"agents:list", "agents:create"})
"""What is about one agent, and for operators."""

SECRET = "ssshhhh"
NOT_WATCHED = {"django_session", "people_medians"}
"""Tables that looking may write: a session's age, and numbers that are worked out when needed."""


def keys_in(name: str) -> list[str]:
    """What the address names beside the agent."""
    return [key for key in PATTERNS[name].pattern.converters if key != "agent_id"]


def ids_in(name: str) -> set[str]:
    return {key for key in keys_in(name) if key.endswith("_id")}


def rows_of(agent: Agent, operator: Operator) -> dict[str, Any]:
    """One row of everything that an address may name, by the name that the address has for it."""
    name = f"Maya of {agent.name}"
    user, other = (
        make_user(agent, name, tags=["told"]),
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
        "job_id": bulk.start(SYSTEM, agent, "unblock", {}, [user.id]).id,
        "view_id": saved_views.save(operator, agent, "Mine", True, UsersQuery(), []).id,
        "invitee_id": make_invitee(agent, "username", "maya").id,
        "plan_id": make_plan(agent, "pro").id,
        "tag_id": make_tag(agent, "vip").id,
        "key_id": make_key(agent, "ingest", name="bot")[0].id,
        "key": "messages_per_day",
    }


def open_channels(agent: Agent) -> None:
    """What the pages of channels, and of what answers, are about."""
    make_backend(agent, Backend.Kind.HTTP, key=SECRET)
    make_web_chat(agent, secret=encrypt(SECRET))
    number = agent.id.int % 2**40
    make_bot(agent, bot_id=number, username="bot", token=encrypt(f"1:{SECRET}"))


@pytest.fixture
def rows(agent: Agent, operator: Operator) -> dict[str, Any]:
    return rows_of(agent, operator)


def address(name: str, rows: dict[str, Any]) -> str:
    return reverse(name, kwargs={key: rows[key] for key in ("agent_id", *keys_in(name))})


def everything() -> dict[str, list[Any]]:
    """All rows of all tables, but for what looking may write."""
    return {
        model._meta.db_table: sorted(map(repr, model._default_manager.values_list()))
        for model in apps.get_models()
        if model._meta.db_table not in NOT_WATCHED
    }


def look(client: Client, url: str) -> int:
    """The state of the answer, which is read to its end and shows no secret."""
    response = client.get(url)
    assert SECRET.encode() not in response.getvalue()
    return response.status_code


def send(client: Client, url: str) -> int:
    """The state of the answer to a form; 405 where a page takes none."""
    return client.post(url, {"confirmed": "1"}).status_code


def test_a_guest_is_sent_to_sign_in(
    client: Client, rows: dict[str, Any], subtests: pytest.Subtests
) -> None:
    before = everything()
    for name in PAGES:
        url = address(name, rows)
        with subtests.test(name):
            for response in (client.get(url), client.post(url, {"confirmed": "1"})):
                assert response.status_code == 302
                assert response["Location"].startswith("/accounts/login")
    assert everything() == before


def test_looking_changes_nothing(
    signed_in: Client, rows: dict[str, Any], subtests: pytest.Subtests
) -> None:
    before = everything()
    for name in PAGES:
        with subtests.test(name):
            assert look(signed_in, address(name, rows)) in (200, 302, 405, 422)
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


def test_another_agents_rows_are_not_there(
    signed_in: Client, operator: Operator, rows: dict[str, Any], subtests: pytest.Subtests
) -> None:
    theirs = rows_of(make_agent("Bert"), operator)
    before = everything()
    for name in PAGES:
        for key in ids_in(name):
            with subtests.test(name, key=key):
                url = address(name, {**rows, key: theirs[key]})
                assert {look(signed_in, url), send(signed_in, url)} <= {404, 405}
    assert everything() == before


def test_what_an_operator_wrote_is_no_other_operators_to_change(
    client: Client, rows: dict[str, Any], subtests: pytest.Subtests
) -> None:
    client.force_login(make_operator("other"))
    before = everything()
    for name in PAGES:
        if {"note_id", "view_id"} & ids_in(name):
            with subtests.test(name):
                url = address(name, rows)
                assert {look(client, url), send(client, url)} <= {404, 405}
    assert everything() == before


def test_an_agent_that_is_being_deleted_has_no_pages(
    signed_in: Client, agent: Agent, rows: dict[str, Any], subtests: pytest.Subtests
) -> None:
    deletion.request_deletion(agent)
    for name in PAGES:
        with subtests.test(name):
            url = address(name, rows)
            assert {look(signed_in, url), send(signed_in, url)} <= {404, 405}


def test_a_chat_that_is_closed_has_no_addresses(
    client: Client, agent: Agent, subtests: pytest.Subtests
) -> None:
    for name in sorted(WITHOUT_TOKEN | WITH_TOKEN):
        url = address(name, {"agent_id": agent.id, "message_id": uuid.uuid4()})
        with subtests.test(name):
            assert {look(client, url), send(client, url)} <= {404, 405}


def test_a_visitor_needs_no_sign_in_but_a_token(
    client: Client, agent: Agent, subtests: pytest.Subtests
) -> None:
    open_channels(agent)
    before = everything()
    for name in sorted(WITHOUT_TOKEN | WITH_TOKEN):
        url = address(name, {"agent_id": agent.id, "message_id": uuid.uuid4()})
        with subtests.test(name):
            answers = {
                client.get(url).status_code,
                client.post(url, {}, content_type="application/json").status_code,
            }
            assert answers - {405} == {200 if name in WITHOUT_TOKEN else 401}
            assert everything() == before
