"""The web chat's card in the settings: opening, changing, its signing secret, invalid forms."""

import pytest
from django.test import Client

from frontdesk.agents.models import Agent
from frontdesk.channels.web.models import WebChat
from frontdesk.channels.web.origins import OriginError, parse_origin
from frontdesk.core.encryption import decrypt

pytestmark = pytest.mark.django_db


def path(agent: Agent, name: str = "") -> str:
    return f"/agents/{agent.id}/settings/channels/web{name}"


def test_it_is_opened_and_closed(signed_in: Client, agent: Agent) -> None:
    channels = f"/agents/{agent.id}/settings/channels"
    assert b"Open the web chat" in signed_in.get(channels).content
    assert signed_in.post(path(agent, "/open"))["Location"] == channels
    assert f"http://testserver/chat/{agent.id}" in signed_in.get(channels).content.decode()
    assert signed_in.get(f"/chat/{agent.id}").status_code == 200
    signed_in.post(path(agent, "/close"))
    assert not WebChat.objects.get().is_on


def test_the_appearance_is_saved(signed_in: Client, agent: Agent) -> None:
    form = {
        "greeting": "Hello!",
        "color": "teal",
        "suggestion_lines": "One?\n\n  Two?  \n",
        "origin_lines": "https://Shop.example/\nhttp://localhost:3000\nhttps://shop.example",
    }
    assert signed_in.post(path(agent), form).status_code == 302
    chat = WebChat.objects.get()
    assert (chat.greeting, chat.color, chat.is_on) == ("Hello!", "teal", False)
    assert chat.suggestions == ["One?", "Two?"]
    assert chat.origins == ["https://shop.example", "http://localhost:3000"]
    assert b"https://shop.example\nhttp://localhost:3000" in signed_in.get(path(agent)).content


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("origin_lines", "http://localhost:3000/shop", "itself: http://localhost:3000."),
        ("origin_lines", "https://ok.example\nshop.example", "“shop.example”: write it as"),
        ("origin_lines", "https://a.example;script-src *", "is not an address"),
        ("origin_lines", "\n".join(f"https://s{n}.example" for n in range(51)), "At most 50"),
        ("suggestion_lines", "\n".join("1234567"), "At most 6"),
        ("suggestion_lines", "x" * 121, "at most 120"),
        ("color", "octarine", "octarine"),
        ("greeting", "x" * 1001, "1000"),
    ],
)
def test_invalid_input_is_reported_and_nothing_typed_is_lost(
    signed_in: Client, agent: Agent, field: str, value: str, problem: str
) -> None:
    form = {"greeting": "Hello!", "color": "teal", field: value}
    response = signed_in.post(path(agent), form)
    assert response.status_code == 422
    assert problem in response.content.decode()
    assert value.splitlines()[-1] in response.content.decode()
    assert not WebChat.objects.exists()


def test_the_secret_is_shown_once_and_stored_encrypted(
    signed_in: Client, agent: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    signed_in.post(path(agent, "/open"))
    assert signed_in.get(path(agent, "/secret")).status_code == 200
    assert WebChat.objects.get().secret == ""
    shown = signed_in.post(path(agent, "/secret"))
    secret = decrypt(WebChat.objects.get().secret)
    assert secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    pages = (f"/agents/{agent.id}/settings/channels", path(agent), path(agent, "/secret"))
    assert all(secret not in signed_in.get(page).content.decode() for page in pages)
    assert secret not in caplog.text
    signed_in.post(path(agent, "/secret/remove"))
    assert WebChat.objects.get().secret == ""


@pytest.mark.parametrize("name", ["", "/close", "/secret", "/secret/remove"])
def test_a_get_changes_nothing_and_needs_a_sign_in(
    signed_in: Client, agent: Agent, name: str
) -> None:
    signed_in.post(path(agent, "/open"))
    before = WebChat.objects.values().get()
    assert signed_in.get(path(agent, name)).status_code == 200
    assert Client().post(path(agent, name))["Location"].startswith("/accounts/login")
    assert Client(enforce_csrf_checks=True).post(path(agent, name)).status_code == 403
    assert WebChat.objects.values().get() == before
    assert signed_in.get(path(agent, "/open")).status_code == 405


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (" HTTPS://Example.COM/ ", "https://example.com"),
        ("https://example.com:443", "https://example.com"),
        ("https://example.com:8443", "https://example.com:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://shop.localhost:3000", "http://shop.localhost:3000"),
        ("http://[::1]:80", "http://[::1]"),
        ("https://192.0.2.1", "https://192.0.2.1"),
    ],
)
def test_an_origin_is_written_as_browsers_send_it(text: str, origin: str) -> None:
    assert parse_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        *("example.com", "//example.com", "ftp://example.com", "https://", "https:///x", "*"),
        *("https://*.example.com", "https://example.com/path", "https://example.com?x"),
        *("https://example.com#x", "https://me@example.com", "https://me:pw@example.com"),
        *("http://example.com", "http://localhost.example.com", "https://example.com:0x50"),
        *("https://example.com:99999", "https://exa mple.com", "https://a;b", "https://a'b"),
        *("https://[", "https://..", "javascript:alert(1)", "null", "https://a\u202eb.example"),
        *("https://" + "ü" * 70 + ".example", "https://-"),
    ],
)
def test_an_invalid_origin_is_refused(text: str) -> None:
    with pytest.raises(OriginError):
        parse_origin(text)
