"""The page, the widget's frame and script: who may embed them, and hostile requests."""

import time
import uuid

import pytest
from django.test import Client
from django.utils.html import escape

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.channels.web import actions, rates
from frontdesk.channels.web.models import WebChat
from frontdesk.channels.web.visitors import read_token
from frontdesk.channels.words import phrase
from frontdesk.ledger import deletion, linking
from frontdesk.ledger.models import EndUser, LinkToken
from tests.channels.web.chatting import Visitor, open_chat
from tests.factories import make_bot, make_user

pytestmark = pytest.mark.django_db
SHOP = "https://shop.example"
HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(1)">'


@pytest.fixture
def chat(agent: Agent) -> WebChat:
    return open_chat(agent, origins=[SHOP])


@pytest.fixture
def visitor(agent: Agent, chat: WebChat) -> Visitor:
    visitor = Visitor(agent)
    visitor.arrive()
    return visitor


def page(agent: Agent, name: str = "") -> str:
    return f"/chat/{agent.id}{name}"


def test_the_page_is_public_and_cannot_be_framed(
    client: Client, agent: Agent, chat: WebChat
) -> None:
    response = client.get(page(agent), headers={"Accept-Language": "xx,de;q=0.5,*;q=0.1"})
    assert response.status_code == 200
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert "csrftoken" not in response.cookies
    assert "sessionid" not in response.cookies


def test_the_page_says_that_an_ai_answers_and_what_is_kept(
    client: Client, agent: Agent, chat: WebChat
) -> None:
    agent.organization, agent.privacy_contact = HOSTILE, "privacy@acme.example"
    agent.save()
    for name in ("", "/embedded"):
        shown = client.get(page(agent, name), headers={"Accept-Language": "de"}).content.decode()
        assert f"<p><bdi>KI-Assistent von {escape(HOSTILE)}</bdi>" in shown
        assert "schreiben Sie an: privacy@acme.example</p>" in shown
        assert HOSTILE not in shown
    agent.privacy_url, agent.tells_ai = "https://acme.example/privacy", False
    agent.save()
    shown = client.get(page(agent)).content.decode()
    assert "<bdi>AI assistant" not in shown
    assert 'href="https://acme.example/privacy"' in shown
    assert 'data-opens="privacy"' not in shown


def test_the_frame_is_only_for_the_agents_sites(
    client: Client, agent: Agent, chat: WebChat
) -> None:
    response = client.get(page(agent, "/embedded"))
    assert f"frame-ancestors 'self' {SHOP};" in response["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in response
    assert SHOP in response.content.decode()


def test_a_chat_that_is_closed_deleted_or_unknown_is_not_found(
    client: Client, agent: Agent, chat: WebChat
) -> None:
    assert client.get(page(agent)).status_code == 200
    assert client.get(f"/chat/{uuid.uuid4()}").status_code == 404
    actions.close_chat(SYSTEM, agent)
    for name in ("", "/embedded", "/widget", "/messages", "/usage"):
        assert client.get(page(agent, name)).status_code == 404, name
    actions.open_chat(SYSTEM, agent)
    deletion.request_deletion(agent)
    for name in ("", "/embedded", "/widget", "/messages", "/usage"):
        assert client.get(page(agent, name)).status_code == 404, name


def test_a_closed_chat_says_so_in_the_browsers_language(client: Client) -> None:
    response = client.get(f"/chat/{uuid.uuid4()}", headers={"Accept-Language": "ar-EG"})
    html = response.content.decode()
    assert (response.status_code, response["Content-Language"]) == (404, "ar")
    assert phrase("gone", "ar") in html
    assert 'dir="rtl"' in html
    assert "Frontdesk" not in html  # the visitor need not know of the operators' pages


def test_operators_texts_are_escaped_on_the_page(client: Client, agent: Agent) -> None:
    Agent.objects.update(name=HOSTILE[:100], description=HOSTILE)
    open_chat(agent, greeting=HOSTILE, suggestions=[HOSTILE])
    for name in ("", "/embedded"):
        shown = client.get(page(agent, name)).content.decode()
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown


def test_the_widget_learns_whether_its_site_is_allowed(
    client: Client, agent: Agent, chat: WebChat
) -> None:
    good = client.get(page(agent, "/widget"), headers={"Origin": SHOP, "Accept-Language": "en"})
    assert good["Access-Control-Allow-Origin"] == SHOP
    assert "Origin" in good["Vary"]
    data = good.json()
    assert (data["name"], data["color"], data["language"]) == ("Ada", "blue", "en")
    assert data["words"]["open_widget"] == "Open the chat"
    assert client.get(page(agent, "/widget")).status_code == 200
    assert client.get(page(agent, "/widget"), headers={"Origin": "http://testserver"}).json()
    for origin in ("https://evil.example", "http://shop.example", f"{SHOP}:8443", "null"):
        bad = client.get(page(agent, "/widget"), headers={"Origin": origin})
        assert bad.status_code == 403, origin
        assert bad["Access-Control-Allow-Origin"] == origin
        assert bad.json()["error"]["code"] == "origin_not_allowed"


def test_the_script_has_a_permanent_address_and_is_revalidated(client: Client) -> None:
    response = client.get("/widget.js")
    assert response["Content-Type"] == "text/javascript"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=300" in response["Cache-Control"]
    again = client.get("/widget.js", headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": "Hello"}, 422),
        ({"id": "1", "text": "Hello"}, 422),
        ({"id": str(uuid.uuid4()), "text": " \n"}, 422),
        ({"id": str(uuid.uuid4()), "text": 1}, 422),
        ({"id": str(uuid.uuid4()), "text": "x" * 100_001}, 422),
        ({"id": str(uuid.uuid4()), "text": "x" * 2**20}, 413),
    ],
)
def test_an_invalid_message_is_refused_with_the_reason(
    visitor: Visitor, body: dict[str, object], status: int
) -> None:
    response = visitor.post("messages", body)
    assert response.status_code == status
    assert set(response.json()["error"]) == {"code", "message", "where"}
    assert not EndUser.objects.exists()


def test_every_address_wants_its_own_method_and_a_token(
    client: Client, agent: Agent, visitor: Visitor
) -> None:
    guest = Visitor(agent)
    message = f"messages/{uuid.uuid4()}/stop"
    for path in (message, "link", "telegram-link"):
        assert guest.post(path, {"token": "x"}).status_code == 401, path
        assert visitor.get(path).status_code == 405, path
    assert guest.get("messages").status_code == guest.get("usage").status_code == 401
    assert visitor.get("visitor").status_code == 405
    assert visitor.post("usage").status_code == 405
    assert visitor.post(message).status_code == 204
    assert visitor.get("messages?before=x").status_code == 422
    assert visitor.get(f"messages?before={uuid.uuid4()}").json()["messages"] == []


def test_messages_per_minute_from_one_address_are_limited(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_000_020.0)
    for _ in range(300):
        assert rates.seconds_to_wait("127.0.0.1", 300) == 0
    response = visitor.post("messages", {"id": str(uuid.uuid4()), "text": "Hello"})
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert response.json()["error"]["message"].startswith("Too many")
    assert rates.seconds_to_wait("127.0.0.2", 300) == 0
    monkeypatch.setattr(time, "time", lambda: 1_000_080.0)
    assert rates.seconds_to_wait("127.0.0.1", 300) == 0


def test_one_network_counts_once_and_memory_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 2_000_000.0)
    monkeypatch.setattr(rates, "MAX_ADDRESSES", 10)
    assert rates.seconds_to_wait("2001:db8::1", 1) == 0
    assert rates.seconds_to_wait("2001:db8::2", 1) > 0
    assert rates.seconds_to_wait("2001:db8:0:1::1", 1) == 0
    for n in range(100):
        assert rates.seconds_to_wait(f"10.0.0.{n}", 1) == 0
    assert len(rates._counts) <= 10


def test_a_newcomer_sees_the_limits_of_a_new_user(visitor: Visitor, agent: Agent) -> None:
    assert visitor.get("usage").json() == {"lines": [], "none": "There is no limit for you."}
    agent.limits = {"messages_per_day": 5}
    agent.save()
    (line,) = visitor.get("usage").json()["lines"]
    assert (line["title"], line["used"], line["value"]) == ("Messages today", "0", "5")
    assert (line["percent"], line["resetsAt"][-1]) == (0, "Z")
    assert not EndUser.objects.exists()


def test_a_link_works_once_and_an_unknown_one_is_reported(visitor: Visitor, agent: Agent) -> None:
    other = make_user(agent, "Maya")
    token = linking.issue_token(other)
    assert visitor.post("link", {"token": "link_wrong"}).status_code == 422
    assert EndUser.objects.count() == 1
    assert visitor.post("link", {"token": token}).json()["text"].startswith("Done")
    assert len(linking.identities(EndUser.objects.get(id=other.id))) == 2
    assert visitor.post("link", {"token": token}).json()["error"]["code"] == "link_failed"
    assert visitor.post("link", {"token": "x" * 1000}).status_code == 422


def test_telegram_is_offered_to_users_if_a_bot_is_running(visitor: Visitor, agent: Agent) -> None:
    assert visitor.post("telegram-link").status_code == 404
    bot = make_bot(agent, bot_id=1, state="failed")
    data = visitor.arrive()
    assert data["channels"] == []
    TelegramBot.objects.filter(id=bot.id).update(state="running")
    assert visitor.arrive()["channels"] == ["telegram"]
    assert visitor.post("telegram-link").status_code == 404
    from_token = make_user(agent, "Maya", platform="web", external_id=external_id_of(visitor))
    url = visitor.post("telegram-link").json()["url"]
    assert url.startswith("https://t.me/ada_bot?start=link_")
    assert LinkToken.objects.get().end_user_id == from_token.id


def test_links_have_the_rate_limit_of_messages(
    visitor: Visitor, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(agent, "Maya", platform="web", external_id=external_id_of(visitor))
    make_bot(agent, bot_id=1, state="running")
    assert visitor.post("telegram-link").status_code == 200
    monkeypatch.setattr(rates, "seconds_to_wait", lambda *_: 7)
    response = visitor.post("telegram-link")
    assert (response.status_code, response["Retry-After"]) == (429, "7")
    assert LinkToken.objects.count() == 1


def external_id_of(visitor: Visitor) -> str:
    found = read_token(WebChat.objects.get(agent=visitor.agent), visitor.token)
    assert found
    return found.external_id
