"""/healthz, and the error pages."""

from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import Http404, HttpRequest
from django.test import Client, RequestFactory

from frontdesk.console import errors, health


@pytest.fixture(autouse=True)
def _forget_health() -> Iterator[None]:
    health._require_migrations.cache_clear()
    yield
    health._require_migrations.cache_clear()


@pytest.mark.django_db
def test_a_healthy_server_says_ok(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.django_db
def test_missing_migrations_are_reported(client: Client) -> None:
    newest = MigrationLoader(connection).graph.leaf_nodes("agents")[0]
    MigrationRecorder(connection).record_unapplied(*newest)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert "frontdesk migrate" in response.content.decode()


def test_a_database_that_does_not_answer_is_reported_without_its_secrets(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OperationalError("password for host db.internal is wrong")

    monkeypatch.setattr(health, "_probe_database", fail)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.content == b"the database does not answer\n"


def test_the_500_page_needs_no_database() -> None:
    # No django_db mark: a query would fail this test.
    response = errors.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Something went wrong" in response.content.decode()


def test_a_broken_500_page_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> str:
        raise OSError(name)

    monkeypatch.setattr(errors, "render_to_string", fail)
    response = errors.server_error(RequestFactory().get("/"))
    assert "Something went wrong" in response.content.decode()


@pytest.mark.django_db
def test_an_unknown_address_offers_a_way_back(client: Client) -> None:
    response = client.get("/no/such/page")
    page = response.content.decode()
    assert response.status_code == 404
    assert "This page does not exist" in page
    assert "no/such/page" not in page


def test_a_404_does_not_show_the_class_name(request_of_a_guest: HttpRequest) -> None:
    missing = Http404("No EndUser matches the given query.")
    page = errors.not_found(request_of_a_guest, missing).content.decode()
    assert "EndUser" not in page
    assert "the page no longer exists" in page


@pytest.fixture
def request_of_a_guest(rf: RequestFactory) -> HttpRequest:
    return rf.get("/")


def test_error_pages_have_their_status_and_a_way_back(request_of_a_guest: HttpRequest) -> None:
    pages = [
        (400, errors.bad_request(request_of_a_guest, SuspiciousOperation())),
        (403, errors.permission_denied(request_of_a_guest, PermissionDenied())),
        (404, errors.not_found(request_of_a_guest, Http404("No <b>agent</b> here."))),
        (403, errors.csrf_failure(request_of_a_guest)),
    ]
    for status, response in pages:
        assert response.status_code == status
        assert "Go to the agents" in response.content.decode()
    assert "No &lt;b&gt;agent&lt;/b&gt; here." in pages[2][1].content.decode()
    assert errors.too_many_requests(request_of_a_guest).status_code == 429


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/accounts/login", "/nowhere", "/accounts/signup"])
def test_no_page_needs_inline_script_or_style(client: Client, url: str) -> None:
    response = client.get(url)
    page = response.content.decode()
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    for inline in (" style=", "<style", " onclick=", "<script>", "javascript:"):
        assert inline not in page
