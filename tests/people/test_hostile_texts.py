"""Whatever is sent or reported as a person's text stays text on every page."""

import io
import uuid
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.console.agents import urls as agents_urls
from frontdesk.console.users import urls as users_urls
from frontdesk.gate.admission import admit
from frontdesk.ledger.models import EndUser, Message
from frontdesk.people import actions
from tests.factories import make_event, make_plan, record_events

HOSTILE = "\"'>{{ 7 }}<xss onxss=1 href=javascript:xss></textarea></script><!--"
"""Breaks out of a text, an attribute, a script, a text field and a comment if it can."""

PROFILE: dict[str, Any] = {
    "external_id": HOSTILE,
    "name": HOSTILE,
    "username": HOSTILE,
    "email": f"{HOSTILE.replace(' ', '')}@example.com",
    "avatar_url": "https://example.com/a.png?`;alert(1)//",
    "plan": HOSTILE,
    "tags": [HOSTILE, "b" + HOSTILE],
    "attributes": {HOSTILE: HOSTILE, "nested": {HOSTILE: [HOSTILE]}},
}


class _Reader(HTMLParser):
    """Finds what a browser would run or follow."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "xss" or (tag == "script" and not names.get("src")):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            leads = (value or "").strip().lower()
            if name.startswith("on") or name == "style" or leads.startswith("javascript:"):
                self.found.append(f"<{tag} {name}={value}>")
        self.texts += [value for _, value in attrs if value]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(page: bytes) -> _Reader:
    reader = _Reader()
    reader.feed(page.decode())
    reader.close()
    return reader


@pytest.fixture
def addresses(agent: Agent, operator: Operator) -> dict[str, uuid.UUID]:
    """A person whose every text is HOSTILE, and on whom operators took every action."""
    make_plan(agent, HOSTILE, name=HOSTILE, price=HOSTILE[:60])
    events = [
        make_event(0, **PROFILE, text=HOSTILE, chat=HOSTILE),
        make_event(1, **PROFILE, text=HOSTILE, session_id=HOSTILE, message_id=HOSTILE),
        make_event(
            2, external_id=HOSTILE, role="agent", text=HOSTILE, model=HOSTILE, error=HOSTILE
        ),
        make_event(3, external_id=HOSTILE, role="tool", text=HOSTILE),
        make_event(4, external_id="other", name=HOSTILE, platform="web"),
        make_event(5, external_id="gone", name=HOSTILE),
    ]
    record_events(agent, *events)
    user, other, gone = (
        EndUser.objects.get(agent=agent, external_id=name) for name in (HOSTILE, "other", "gone")
    )
    actor = operator.actor
    actions.block(actor, agent, [user.id], reason=HOSTILE, until=None, note=HOSTILE, text=HOSTILE)
    admit(agent, make_event(**{**PROFILE, "time": timezone.now()}))
    actions.assign_attributes(actor, agent, user.id, {HOSTILE: HOSTILE})
    actions.assign_plan(actor, agent, [user.id], HOSTILE)
    actions.change_tags(actor, agent, [user.id], add=[HOSTILE[:50]])
    return {
        "agent_id": agent.id,
        "user_id": user.id,
        "note_id": actions.add_note(actor, agent, user, HOSTILE).id,
        "person_id": actions.link(actor, agent, user.id, other.id).id,
        "erasure_id": actions.erase(actor, agent, gone.id).id,
        "message_id": Message.objects.filter(end_user=user, role="agent").get().id,
    }


def pages(ids: dict[str, uuid.UUID]) -> Iterator[str]:
    """Every URL of an agent and its users with these ids."""
    for app, patterns in (("users", users_urls), ("agents", agents_urls)):
        for pattern in patterns.urlpatterns:
            assert isinstance(pattern, URLPattern)
            needed = {"agent_id"} if app == "users" else set()
            needed |= set(pattern.pattern.converters)
            if needed <= ids.keys():
                yield reverse(f"{app}:{pattern.name}", kwargs={name: ids[name] for name in needed})


@pytest.mark.parametrize("target", ["", "div#sheet-body"], ids=["as pages", "as sheets"])
def test_every_page_shows_what_people_wrote_as_text(
    signed_in: Client, addresses: dict[str, uuid.UUID], target: str
) -> None:
    agent_id, user_id = addresses["agent_id"], addresses["user_id"]
    user = reverse("users:user", args=[agent_id, user_id])
    asked: list[tuple[str, dict[str, Any]]] = [(address, {}) for address in pages(addresses)]
    asked += [
        (user, {"message": addresses["message_id"]}),
        (user, {"show": "sessions"}),
        (user, {"find": "xss"}),
        (user, {"find": HOSTILE}),
        (reverse("users:users", args=[agent_id]), {"q": "xss", "tag": HOSTILE, "plan": HOSTILE}),
    ]
    headers = {"HX-Request": "true", "HX-Target": target} if target else {}
    shown = 0
    for address, query in asked:
        response: Any = signed_in.get(address, query_params=query, headers=headers)
        assert response.status_code in (200, 302, 405, 422), address
        if response.headers.get("Content-Type", "").startswith("text/html"):
            reader = read(response.content)
            assert not reader.found, (address, query)
            shown += any(HOSTILE in text for text in reader.texts)
    assert shown > 10  # otherwise nothing hostile was tested


def test_the_page_of_a_persons_own_data_shows_it_as_text(
    signed_in: Client, addresses: dict[str, uuid.UUID]
) -> None:
    address = reverse("users:data", args=[addresses["agent_id"], addresses["user_id"]])
    response: Any = signed_in.get(address)
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        pages = [archive.read(name) for name in archive.namelist() if name.endswith(".html")]

    readers = [read(page) for page in pages]
    assert [reader.found for reader in readers] == [[]] * len(pages)
    assert any(HOSTILE in text for reader in readers for text in reader.texts)
