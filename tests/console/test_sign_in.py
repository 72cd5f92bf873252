"""Who can open a page, and who is sent to sign in."""

import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import Client

from frontdesk.accounts.access import agents_for, get_agent_for
from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent

SOME_ID = "9f3b9a63-6f06-4a57-9be8-6a4f6ad7d0a1"
GUARDED = [
    "/agents",
    "/agents/new",
    f"/agents/{SOME_ID}",
    f"/agents/{SOME_ID}/edit",
    f"/agents/{SOME_ID}/archive",
    f"/agents/{SOME_ID}/analytics",
    f"/agents/{SOME_ID}/settings",
    "/accounts/preferences",
    "/accounts/password/change",
]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("url", GUARDED)
def test_a_guest_is_sent_to_sign_in_and_comes_back(client: Client, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login?next={url}"


@pytest.mark.parametrize(
    "url", [f"/agents/{SOME_ID}/unarchive", "/accounts/theme", "/accounts/time-zone"]
)
def test_a_guest_cannot_post(client: Client, url: str) -> None:
    assert client.post(url)["Location"].startswith("/accounts/login")


@pytest.mark.parametrize("login", ["ada", "ada@example.org", "ADA@example.org"])
def test_sign_in_by_name_or_mail_returns_to_the_requested_page(
    client: Client, operator: Operator, login: str
) -> None:
    Operator.objects.filter(pk=operator.pk).update(username="ada", email="ada@example.org")
    response = client.post(
        "/accounts/login",
        {"login": login, "password": "correct horse battery", "next": f"/agents/{SOME_ID}/users"},
    )
    assert response["Location"] == f"/agents/{SOME_ID}/users"


def test_sign_in_never_leads_to_another_site(client: Client, operator: Operator) -> None:
    data = {"login": operator.username, "password": "correct horse battery"}
    response = client.post("/accounts/login", {**data, "next": "https://evil.example/"})
    assert response["Location"] == "/agents"


def test_a_wrong_password_is_reported_and_counted(client: Client, operator: Operator) -> None:
    data = {"login": operator.username, "password": "wrong"}
    responses = [client.post("/accounts/login", data) for _ in range(12)]
    assert "not correct" in responses[0].content.decode()
    assert responses[-1].status_code == 429 or "Too many" in responses[-1].content.decode()


def test_sign_up_is_closed(client: Client) -> None:
    page = client.get("/accounts/signup")
    assert "Sign-up is closed" in page.content.decode()
    client.post(
        "/accounts/signup",
        {
            "username": "eve",
            "password1": "correct horse battery",
            "password2": "correct horse battery",
        },
    )
    assert not Operator.objects.filter(username="eve").exists()


def test_signing_out(signed_in: Client) -> None:
    assert "Sign out?" in signed_in.get("/accounts/logout").content.decode()
    signed_in.post("/accounts/logout")
    assert signed_in.get("/agents").status_code == 302


def test_an_unknown_agent_is_not_found(signed_in: Client, operator: Operator) -> None:
    with pytest.raises(Http404):
        get_agent_for(operator, uuid.UUID(SOME_ID))
    for tail in ("", "/edit", "/archive", "/analytics", "/settings"):
        response = signed_in.get(f"/agents/{SOME_ID}{tail}")
        assert response.status_code == 404
    assert signed_in.get("/agents/not-an-id/settings").status_code == 404


def test_a_guest_has_no_agents(agent: Agent) -> None:
    assert list(agents_for(AnonymousUser())) == []


@pytest.mark.parametrize("url", ["/accounts/password/change", "/accounts/preferences"])
def test_own_pages_open(signed_in: Client, url: str) -> None:
    assert signed_in.get(url).status_code == 200


def test_the_password_can_be_changed(signed_in: Client, operator: Operator) -> None:
    new = "another horse battery"
    signed_in.post(
        "/accounts/password/change",
        {"oldpassword": "correct horse battery", "password1": new, "password2": new},
    )
    operator.refresh_from_db()
    assert operator.check_password(new)
    assert signed_in.get("/agents").status_code == 200


def test_a_page_speaks_one_language(client: Client) -> None:
    response = client.post("/accounts/login", {}, headers={"accept-language": "de"})
    assert "This field is required." in response.content.decode()
    assert response["Content-Language"] == "en"
