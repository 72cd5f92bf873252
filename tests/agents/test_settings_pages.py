"""Every section of the settings is shown to operators who are signed in, and to no one else."""

import uuid

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from frontdesk.agents.models import Agent
from tests.factories import (
    make_agent,
    make_agent_text,
    make_invitee,
    make_key,
    make_plan,
    make_tag,
    make_user,
)

pytestmark = pytest.mark.django_db
SECTIONS = ("", *"/access /limits /prices /plans /tags /texts /keys /privacy /danger".split())
SHEETS = ("/access/empty", "/plans/new", "/tags/new", "/keys/new")
HOSTILE = '<img src=x onerror="alert(1)">'


@pytest.fixture
def furnished(agent: Agent) -> Agent:
    """An agent with one of everything, all named with markup."""
    Agent.objects.update(name=HOSTILE, description=HOSTILE)
    agent.refresh_from_db()
    make_user(agent, "Maya", plan=f"plan {HOSTILE}", tags=[f"tag {HOSTILE}"])
    make_plan(agent, "p", name=HOSTILE, price=HOSTILE)
    make_tag(agent, HOSTILE)
    make_invitee(agent, "id", f"web:{HOSTILE}")
    make_agent_text(agent, "paused", "en", HOSTILE)
    make_key(agent, "read", name=HOSTILE)
    return agent


def addresses(agent: Agent) -> list[str]:
    plan, tag, key = agent.plans.get(), agent.tags.get(), agent.api_keys.get()
    own = (
        f"/plans/{plan.id}",
        f"/plans/{plan.id}/delete",
        f"/tags/{tag.id}",
        f"/tags/{tag.id}/delete",
        f"/keys/{key.id}/revoke",
    )
    pages = [f"/agents/{agent.id}/settings{path}" for path in (*SECTIONS, *SHEETS, *own)]
    return [*pages, f"/agents/{agent.id}/pause", f"/agents/{agent.id}/archive"]


def test_every_page_shows_what_people_typed_as_text(signed_in: Client, furnished: Agent) -> None:
    for url in addresses(furnished):
        response = signed_in.get(url)
        assert response.status_code == 200, url
        assert "<img src=x" not in response.content.decode(), url


def test_every_page_is_behind_the_sign_in(client: Client, furnished: Agent) -> None:
    for url in addresses(furnished):
        assert client.get(url)["Location"].startswith("/accounts/login"), url
        assert client.post(url)["Location"].startswith("/accounts/login"), url


def test_what_belongs_to_another_agent_is_not_found(signed_in: Client, furnished: Agent) -> None:
    other = make_agent("Other")
    for url in addresses(furnished):
        own_part = url.removeprefix(f"/agents/{furnished.id}")
        if own_part.count("-") >= 4:  # it names a plan, a tag or a key
            assert signed_in.get(f"/agents/{other.id}{own_part}").status_code == 404, url
            assert signed_in.post(f"/agents/{other.id}{own_part}").status_code == 404, url
        assert signed_in.get(f"/agents/{uuid.uuid4()}{own_part}").status_code == 404, url


@pytest.mark.parametrize("section", ["plans", "tags", "texts", "keys", "access"])
def test_the_number_of_queries_does_not_grow_with_what_is_listed(
    signed_in: Client,
    agent: Agent,
    section: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_user(agent, "Maya", plan="told", tags=["told"])
    for n in range(30):
        make_plan(agent, str(n), name=f"Plan {n}")
        make_tag(agent, f"tag {n}")
        make_key(agent, "read", name=f"Key {n}")
        make_invitee(agent, "id", f"web:{n}")
        make_agent_text(agent, "paused", f"x{n}", "Later")
    with django_assert_max_num_queries(7):  # session, operator, agent, the list and its numbers
        assert signed_in.get(f"/agents/{agent.id}/settings/{section}").status_code == 200


def test_a_sheet_is_a_fragment_in_the_dialog_and_a_page_without_script(
    signed_in: Client, agent: Agent
) -> None:
    url = f"/agents/{agent.id}/settings/keys/new"
    assert b"<html" in signed_in.get(url).content
    assert b"<html" not in signed_in.get(url, headers={"HX-Target": "div#sheet-body"}).content
