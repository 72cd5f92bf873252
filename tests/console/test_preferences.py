"""What the console remembers of an operator, and the zone in which it shows times."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.console.middleware import OperatorZoneMiddleware

pytestmark = pytest.mark.django_db


def test_pages_name_the_operators_zone(signed_in: Client, operator: Operator) -> None:
    operator.time_zone = "Asia/Kathmandu"
    operator.save()
    assert "Asia/Kathmandu" in signed_in.get("/agents").content.decode()


def test_the_zone_ends_with_the_request(operator: Operator) -> None:
    operator.time_zone = "Asia/Kathmandu"
    request = RequestFactory().get("/")
    request.user = operator
    seen = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(timezone.get_current_timezone_name())
        raise RuntimeError

    with pytest.raises(RuntimeError):
        OperatorZoneMiddleware(answer)(request)
    assert seen == ["Asia/Kathmandu"]
    assert timezone.get_current_timezone_name() == "UTC"


def test_the_browsers_zone_is_saved_once(signed_in: Client, operator: Operator) -> None:
    assert signed_in.post("/accounts/time-zone", {"time_zone": "Asia/Tokyo"}).status_code == 204
    assert signed_in.post("/accounts/time-zone", {"time_zone": "Europe/Rome"}).status_code == 204
    operator.refresh_from_db()
    assert operator.time_zone == "Asia/Tokyo"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "/etc/passwd", "x" * 99])
def test_a_made_up_zone_is_refused(signed_in: Client, operator: Operator, zone: str) -> None:
    response = signed_in.post("/accounts/time-zone", {"time_zone": zone})
    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain"
    operator.refresh_from_db()
    assert operator.time_zone == ""


def test_the_theme_is_set_in_the_page_itself(signed_in: Client, operator: Operator) -> None:
    assert "data-bs-theme" not in signed_in.get("/agents").content.decode()
    assert signed_in.post("/accounts/theme", {"theme": "dark"}).status_code == 204
    assert '<html lang="en" data-bs-theme="dark">' in signed_in.get("/agents").content.decode()
    assert signed_in.post("/accounts/theme", {"theme": "pink"}).status_code == 400


def test_preferences_are_saved_without_affecting_others(
    signed_in: Client, operator: Operator
) -> None:
    operator.remember(page_size=50)
    form = {"time_zone": "Europe/Berlin", "theme": "light"}
    assert signed_in.post("/accounts/preferences", form).status_code == 302
    operator.refresh_from_db()
    assert operator.time_zone == "Europe/Berlin"
    assert operator.preferences == {"page_size": 50, "theme": "light"}


def test_an_old_zone_name_can_be_kept(signed_in: Client, operator: Operator) -> None:
    operator.time_zone = "GMT"
    operator.save()
    assert signed_in.post("/accounts/preferences", {"time_zone": "GMT"}).status_code == 302


def test_a_preference_that_is_not_a_choice_is_refused(signed_in: Client) -> None:
    response = signed_in.post("/accounts/preferences", {"time_zone": "Mars", "theme": "dark"})
    assert response.status_code == 422


def test_forms_are_guarded_against_forgery(operator: Operator, agent: Agent) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.post(f"/agents/{agent.id}/archive")
    assert response.status_code == 403
    assert "This page has expired" in response.content.decode()
