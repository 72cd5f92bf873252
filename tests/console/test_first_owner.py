"""The one-time link that makes the first owner."""

from collections.abc import Callable

import pytest
from django.core import signing
from django.test import Client

from frontdesk.accounts import first_owner
from frontdesk.accounts.models import Operator
from frontdesk.console.account.forms import FirstOwnerForm
from frontdesk.console.account.links import first_owner_link

FORM = {
    "username": "ada",
    "email": "ada@example.org",
    "password1": "correct horse battery",
    "password2": "correct horse battery",
}
pytestmark = pytest.mark.django_db


def path() -> str:
    link = first_owner_link("http://127.0.0.1:8000/")
    assert link is not None
    assert link.startswith("http://127.0.0.1:8000/accounts/first-owner/")
    return link.removeprefix("http://127.0.0.1:8000")


def test_the_link_creates_the_owner_and_signs_in(client: Client) -> None:
    address = path()
    assert client.get(address).status_code == 200
    assert client.post(address, FORM)["Location"] == "/agents"
    owner = Operator.objects.get()
    assert owner.is_superuser
    assert owner.check_password(FORM["password1"])
    assert client.get("/agents").status_code == 200


def test_the_link_works_once(client: Client) -> None:
    address = path()
    client.post(address, FORM)
    other = Client()
    assert other.get(address).status_code == 410
    assert other.post(address, {**FORM, "username": "eve"}).status_code == 410
    assert Operator.objects.count() == 1


def test_there_is_no_link_once_there_is_an_operator(operator: Operator) -> None:
    assert first_owner_link("http://127.0.0.1:8000") is None


def test_one_of_two_requests_that_both_saw_no_owner_wins(
    client: Client, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_owner, "is_valid", lambda token: True)
    response = client.post("/accounts/first-owner/any", FORM)
    assert response.status_code == 410
    assert Operator.objects.count() == 1


@pytest.mark.parametrize(
    "token",
    [
        lambda: "nonsense",
        lambda: signing.dumps("first owner", salt="another purpose"),
        lambda: signing.dumps("first owner", key="another key", salt=first_owner._SALT),
    ],
)
def test_a_made_up_link_is_refused(client: Client, token: Callable[[], str]) -> None:
    assert client.get(f"/accounts/first-owner/{token()}").status_code == 410


def test_the_link_expires_after_a_day(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    address = path()
    monkeypatch.setattr(first_owner, "VALID_SECONDS", -1)
    assert client.get(address).status_code == 410


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"email": ""}, "required"),
        ({"email": "nobody"}, "valid email"),
        ({"username": "a b"}, "valid username"),
        ({"password2": "another"}, "match"),
        ({"password1": "password", "password2": "password"}, "too common"),
    ],
)
def test_a_bad_form_says_what_is_wrong(
    client: Client, change: dict[str, str], problem: str
) -> None:
    response = client.post(path(), {**FORM, **change})
    assert response.status_code == 422
    assert problem in response.content.decode()
    assert not Operator.objects.exists()


def test_no_two_operators_share_an_e_mail(operator: Operator) -> None:
    form = FirstOwnerForm({**FORM, "email": operator.email.upper()})
    assert "email" in form.errors
