"""A visitor who chats anonymously and then signs in stays one person, and keeps the dialogue."""

import json
import logging
import threading
import time
import uuid
from functools import partial

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.channels import answers
from frontdesk.channels.web import actions, sign_in, visitors
from frontdesk.channels.web.channel import PLATFORM
from frontdesk.channels.web.models import SignedIn, WebChat
from frontdesk.channels.web.visitors import Visitor as Who
from frontdesk.gate import blocks
from frontdesk.ledger import erase, linking, recount
from frontdesk.ledger.events import user_id
from frontdesk.ledger.models import EndUser, Message, Person
from tests.channels.web.chatting import Data, Script, Visitor, open_chat, said_in, sign
from tests.channels.web.test_pages import external_id_of
from tests.channels.web.test_visitors import make_jwt
from tests.factories import make_agent, make_event, make_user, record_events
from tests.ledger.test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chat(agent: Agent) -> WebChat:
    return open_chat(agent)


@pytest.fixture
def secret(agent: Agent, chat: WebChat) -> str:
    secret = actions.make_secret(SYSTEM, agent)
    chat.refresh_from_db()
    return secret


@pytest.fixture
def visitor(agent: Agent, secret: str) -> Visitor:
    """A browser whose visitor has not signed in."""
    visitor = Visitor(agent)
    visitor.arrive()
    return visitor


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    return Script("Yes.").play(monkeypatch)


def arrival(secret: str, id_: str = "maya", **claims: object) -> Data:
    """What a site sends for a visitor whom it vouches for."""
    user = json.dumps({"id": id_, **claims})
    return {"user": user, "signature": sign(user, secret), "join": True}


def after_sign_in(visitor: Visitor, secret: str, id_: str = "maya", **body: object) -> Visitor:
    """Another page of this browser, after its visitor has signed in at the site."""
    other = Visitor(visitor.agent, token=visitor.token)
    other.arrive(**{**arrival(secret, id_), **body})
    return other


def user_of(agent: Agent, external_id: str) -> EndUser:
    return EndUser.objects.get(agent=agent, platform=PLATFORM, external_id=external_id)


def texts(visitor: Visitor, path: str = "messages") -> list[str]:
    return [line["text"] for line in visitor.get(path).json()["messages"]]


def told(script: Script) -> list[str]:
    """The history that the backend was told with the last message."""
    return [turn.text for turn in script.questions[-1].history]


def test_signing_in_links_both_and_keeps_the_dialogue(
    visitor: Visitor, agent: Agent, secret: str, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "frontdesk.audit")
    visitor.send("One")
    anonymous = EndUser.objects.get()
    maya = Visitor(agent, token=visitor.token)
    data = maya.arrive(**arrival(secret, name="Maya", plan="pro"), language="de-AT")

    known = user_of(agent, "maya")
    assert data["joined"] == str(anonymous.id)
    assert (known.name, known.subscription, known.language) == ("Maya", "pro", "de-at")
    assert (known.total_messages_sent, known.total_sessions) == (0, 0)
    assert [each.id for each in linking.identities(known)] == [known.id, anonymous.id]
    person = Person.objects.get()
    assert person.created_by == "Web chat"
    (entry,) = [r.getMessage() for r in caplog.records if r.name == "frontdesk.audit"]
    assert entry.startswith("system web_chat (link): ")
    assert f"users={anonymous.id},{known.id} person={person.id}" in entry

    assert texts(maya) == ["One", "Yes."]
    maya.send("Two")
    assert told(script) == ["One", "Yes."]
    assert script.questions[-1].asker.id == known.id
    assert texts(maya) == ["One", "Yes.", "Two", "Yes."]
    assert recount.check(agent) == []


def test_a_jwt_and_a_known_user_do_the_same(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    before = Visitor(agent)
    before.arrive(**arrival(secret, "42"))
    before.send("Last week")
    visitor.send("One")
    body: Data = {"user": None, "signature": "", "jwt": make_jwt(secret)}
    maya = after_sign_in(visitor, secret, **body)

    assert texts(maya) == ["Last week", "Yes.", "One", "Yes."]
    assert Person.objects.count() == 1


def test_each_dialogue_of_before_a_sign_in_is_kept(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    visitor.send("One")
    maya = after_sign_in(visitor, secret)
    maya.send("Two")
    later = Visitor(agent)
    later.arrive()
    later.send("Three")
    assert told(script) == []
    maya = after_sign_in(later, secret)
    maya.send("Four")

    assert told(script) == ["One", "Yes.", "Two", "Yes.", "Three", "Yes."]
    assert len(linking.identities(user_of(agent, "maya"))) == 3


def test_a_new_dialogue_begins_after_signing_in_as_before(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    visitor.send("Old")
    visitor.send("One", newSession=True)
    maya = after_sign_in(visitor, secret)
    maya.send("Two")
    assert told(script) == ["One", "Yes."]
    maya.send("Three", newSession=True)
    assert told(script) == []
    maya.send("Four")
    assert told(script) == ["Three", "Yes."]
    sessions = EndUser.objects.order_by("first_seen_at").values_list("total_sessions", flat=True)
    assert list(sessions) == [2, 2]


def test_the_profile_shows_both_and_unlinks_them(
    visitor: Visitor, agent: Agent, secret: str, script: Script, signed_in: Client
) -> None:
    visitor.send("One")
    after_sign_in(visitor, secret)
    page = signed_in.get(reverse("users:person", args=[agent.id, Person.objects.get().id]))
    anonymous = user_of(agent, external_id_of(visitor))
    for user in (anonymous, user_of(agent, "maya")):
        assert user.external_id in page.text
        assert reverse("users:unlink", args=[agent.id, user.id]) in page.text


# --- who does not become whom ---


def test_nothing_is_joined_that_the_page_did_not_ask_for(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    """An address with a signature may have been sent by someone else."""
    visitor.send("One")
    maya = Visitor(agent, token=visitor.token)
    data = maya.arrive(**{**arrival(secret), "join": False})
    assert data["joinable"] is True
    assert "joined" not in data
    assert texts(maya) == []
    assert not Person.objects.exists()
    assert texts(visitor) == ["One", "Yes."]
    assert "joined" not in visitor.arrive(join=True)


def test_the_next_person_at_the_same_browser_is_someone_else(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    visitor.send("One")
    maya = after_sign_in(visitor, secret, "maya")
    maya.send("Mine")
    omar = Visitor(agent, token=visitor.token)
    data = omar.arrive(**arrival(secret, "omar"))
    assert "joined" not in data
    assert omar.arrive(**{**arrival(secret, "omar"), "join": False}).get("joinable") is None
    assert texts(omar) == []
    omar.send("Two")
    assert told(script) == []
    assert user_of(agent, "omar").person_id is None
    assert texts(maya) == ["One", "Yes.", "Mine", "Yes."]


def test_two_known_visitors_are_never_joined(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    maya = after_sign_in(visitor, secret, "maya")
    maya.send("Mine")
    omar = after_sign_in(maya, secret, "omar")
    omar.send("His")
    assert texts(omar) == ["His", "Yes."]
    assert not Person.objects.exists()


def test_the_anonymous_token_ends_so_a_copy_of_it_is_worth_nothing(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    visitor.send("One")
    maya = after_sign_in(visitor, secret)
    old = visitor.token
    message = {"id": str(uuid.uuid4()), "text": "In their name"}
    assert visitor.get("messages").status_code == 401
    assert visitor.get("usage").status_code == 401
    assert visitor.post("messages", message).status_code == 401
    assert visitor.post("telegram-link").status_code == 401

    before = external_id_of(visitor)
    assert visitor.arrive()["visitor"]["verified"] is False
    assert external_id_of(visitor) != before
    assert texts(visitor) == []
    assert texts(maya) == ["One", "Yes."]
    assert Visitor(agent, token=old).arrive()["visitor"]["id"] != str(user_of(agent, before).id)


def test_an_anonymous_token_shows_no_linked_dialogue(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    """An operator may link an anonymous visitor: what is linked is not proven to its browser."""
    visitor.send("One")
    maya = Visitor(agent)
    maya.arrive(**arrival(secret))
    maya.send("Mine")
    anonymous = user_of(agent, external_id_of(visitor))
    linking.link(agent, anonymous.id, user_of(agent, "maya").id, "olivia")
    visitor.send("Two")
    assert told(script) == ["One", "Yes."]
    assert texts(visitor) == ["One", "Yes.", "Two", "Yes."]
    assert texts(maya) == ["Mine", "Yes."]

    assert after_sign_in(visitor, secret).get("messages").status_code == 200
    assert texts(maya) == ["One", "Yes.", "Mine", "Yes.", "Two", "Yes."]


@pytest.mark.parametrize("kind", ["forged", "another agent's", "expired", "long", ""])
def test_a_token_that_proves_nothing_joins_nothing(
    kind: str,
    visitor: Visitor,
    agent: Agent,
    secret: str,
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    visitor.send("One")
    other = Visitor(make_agent("Other"))
    open_chat(other.agent)
    other.arrive()
    if kind == "expired":
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + visitors.ANONYMOUS_FOR + 60)
    bad = {"forged": f"{visitor.token}x", "another agent's": other.token, "long": "x" * 100_000}
    maya = Visitor(agent)
    token = visitor.token if kind == "expired" else bad.get(kind, "")
    data = maya.arrive(**arrival(secret), token=token)
    assert not {"joined", "joinable"} & data.keys()
    assert texts(maya) == []
    assert EndUser.objects.count() == 1


def test_a_bad_signature_joins_nothing(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    visitor.send("One")
    good = arrival(secret)
    for bad in (
        {**good, "signature": sign(good["user"], "another")},
        {**good, "user": "{", "signature": sign("{", secret)},
        {**good, "user": '{"id": ""}', "signature": sign('{"id": ""}', secret)},
        {"jwt": make_jwt("another secret that is long enough for it"), "join": True},
    ):
        assert visitor.post("visitor", {**bad, "token": visitor.token}).status_code == 403
    with override_settings(SECRET_KEY="another"):
        assert visitor.post("visitor", {**good, "token": visitor.token}).status_code == 403
    assert not Person.objects.exists()
    assert texts(visitor) == ["One", "Yes."]


def test_a_site_that_signs_the_anonymous_id_itself_links_no_one_with_themselves(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    visitor.send("One")
    known = Visitor(agent, token=visitor.token)
    assert "joined" not in known.arrive(**arrival(secret, external_id_of(visitor)))
    assert texts(known) == texts(visitor) == ["One", "Yes."]
    assert not SignedIn.objects.exists()


def test_a_visitor_who_wrote_nothing_leaves_no_trace(
    visitor: Visitor, agent: Agent, secret: str
) -> None:
    data = Visitor(agent, token=visitor.token).arrive(**arrival(secret))
    assert data["joined"] == str(user_id(agent.id, PLATFORM, external_id_of(visitor)))
    assert not EndUser.objects.exists()
    data = Visitor(agent, token=visitor.token).arrive(**{**arrival(secret), "join": False})
    assert data["joinable"] is False


def test_a_visitor_who_continued_elsewhere_joins_only_the_same_person(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    visitor.send("One")
    anonymous, telegram = EndUser.objects.get(), make_user(agent, "Maya")
    linking.link(agent, anonymous.id, telegram.id, "a link of the person's own")
    maya = after_sign_in(visitor, secret)
    assert texts(maya) == []
    assert texts(visitor) == ["One", "Yes."]
    maya.send("Two")
    linking.link(agent, user_of(agent, "maya").id, telegram.id, "a link of the person's own")
    assert texts(maya) == ["Two", "Yes."]
    assert texts(after_sign_in(visitor, secret)) == ["One", "Yes.", "Two", "Yes."]


def test_an_operator_undoes_it_for_good(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    visitor.send("One")
    maya = after_sign_in(visitor, secret)
    anonymous = user_of(agent, external_id_of(visitor))
    linking.unlink(agent, anonymous.id)
    assert texts(maya) == []
    for id_ in ("maya", "omar"):  # with a token that the browser should have forgotten
        assert "joined" not in Visitor(agent, token=visitor.token).arrive(**arrival(secret, id_))
    assert not Person.objects.exists()


def test_the_same_request_again_changes_nothing(
    visitor: Visitor,
    agent: Agent,
    secret: str,
    script: Script,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The browser has not seen the answer to the first one."""
    caplog.set_level(logging.INFO, "frontdesk.audit")
    visitor.send("One")
    data = [Visitor(agent, token=visitor.token).arrive(**arrival(secret)) for _ in range(2)]
    assert data[0]["joined"] == data[1]["joined"]
    assert Person.objects.count() == 1
    assert len([r for r in caplog.records if r.name == "frontdesk.audit"]) == 1


def test_of_two_who_sign_in_at_once_only_one_is_joined(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    visitor.send("One")
    ids = [f"user-{n}" for n in range(4)]
    found: list[str] = []

    def come(id_: str) -> None:
        if "joined" in Visitor(agent, token=visitor.token).arrive(**arrival(secret, id_)):
            found.append(id_)

    at_once(*(partial(come, id_) for id_ in ids))
    assert len(found) == 1
    names = EndUser.objects.exclude(person_id=None).values_list("external_id", flat=True)
    assert sorted(names) == sorted([found[0], external_id_of(visitor)])
    assert EndUser.objects.count() == 2


def test_erased_users_do_not_return_by_signing_in(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    visitor.send("One")
    maya = Visitor(agent)
    maya.arrive(**arrival(secret))
    maya.send("Mine")
    erase.erase(agent, user_of(agent, "maya").id, "olivia", may_return=False)
    assert "joined" not in Visitor(agent, token=visitor.token).arrive(**arrival(secret))
    assert texts(visitor) == ["One", "Yes."]

    erase.erase(agent, EndUser.objects.get().id, "olivia", may_return=False)
    assert after_sign_in(visitor, secret, "omar").send("Hello")[0][0] == "accepted"
    assert [user.external_id for user in EndUser.objects.all()] == ["omar"]


def test_an_erased_dialogue_of_before_is_gone_and_the_rest_stays(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    visitor.send("One")
    maya = after_sign_in(visitor, secret)
    maya.send("Two")
    erase.erase(agent, user_of(agent, external_id_of(visitor)).id, "olivia", may_return=False)
    assert texts(maya) == ["Two", "Yes."]
    assert not SignedIn.objects.exists()
    maya.send("Three")
    assert told(script) == ["Two", "Yes."]


def test_one_person_has_only_so_many_identities(
    visitor: Visitor, agent: Agent, secret: str, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "MAX_IDENTITIES", 2)
    visitor.send("One")
    maya = after_sign_in(visitor, secret)
    later = Visitor(agent)
    later.arrive()
    later.send("Two")
    assert "joined" not in Visitor(agent, token=later.token).arrive(**arrival(secret))
    assert texts(later) == ["Two", "Yes."]
    assert texts(maya) == ["One", "Yes."]


# --- limits and blocks ---


def test_a_blocked_visitor_stays_blocked(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    visitor.send("One")
    blocks.block(agent, [EndUser.objects.get().id], "spam", None, "", "Not here.", "olivia")
    maya = after_sign_in(visitor, secret)
    ((name, data),) = maya.send("Two")
    assert (name, data["reason"], data["text"]) == ("refused", "blocked", "Not here.")


def test_what_was_used_before_counts(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    agent.limits = {"messages_per_day": 3}
    agent.save()
    visitor.send("One")
    visitor.send("Two")
    maya = after_sign_in(visitor, secret)
    (line,) = maya.get("usage").json()["lines"]
    assert (line["used"], line["value"]) == ("2", "3")
    assert maya.send("Three")[0][0] == "accepted"
    assert maya.send("Four")[0][1]["reason"] == "messages_per_day"


# --- an answer in progress ---


def test_the_answer_goes_on_after_signing_in(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    script.pieces = ["One, ", Script.WAIT, "two."]
    id_ = str(uuid.uuid4())
    found: list[list[tuple[str, Data]]] = []
    asking = threading.Thread(target=lambda: found.append(visitor.send("Count", id_)))
    asking.start()
    while not script.questions:
        time.sleep(0.01)
    maya = after_sign_in(visitor, secret)
    page = maya.get("messages").json()
    assert [line["text"] for line in page["messages"]] == ["Count"]
    assert page["pending"] == page["messages"][0]["id"]
    threading.Timer(0.2, script.go.set).start()
    again = maya.send("Count", id_)
    asking.join()

    assert said_in(again) == "One, two."
    assert again[0][1]["key"] == page["pending"]
    assert [again[-1]] == [events[-1] for events in found]
    assert len(script.questions) == 1
    assert set(Message.objects.values_list("end_user__external_id", flat=True)) == {
        external_id_of(visitor)
    }
    assert texts(maya) == ["Count", "One, two."]
    assert user_of(agent, "maya").total_messages_sent == 0


def test_an_answer_of_before_can_be_stopped_and_tried_again(
    visitor: Visitor, agent: Agent, secret: str, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.pieces = [ValueError("down")]
    id_ = str(uuid.uuid4())
    assert visitor.send("One", id_)[-1][0] == "failed"
    maya = after_sign_in(visitor, secret)
    script.pieces = ["Better."]
    assert maya.send("One", id_, again=True)[-1][1]["text"] == "Better."
    assert texts(maya) == ["One", "Better."]

    stopped: list[tuple[uuid.UUID, uuid.UUID]] = []
    monkeypatch.setattr(answers, "stop", lambda *ids: stopped.append(ids))
    assert maya.post(f"messages/{id_}/stop").status_code == 204
    question = Message.objects.get(role="user")
    assert stopped == [(question.end_user_id, question.id)]


def test_an_id_of_someone_elses_message_is_a_message_of_ones_own(
    visitor: Visitor, agent: Agent, secret: str, script: Script
) -> None:
    id_ = str(uuid.uuid4())
    visitor.send("One", id_)
    maya, omar = after_sign_in(visitor, secret, "maya"), after_sign_in(visitor, secret, "omar")
    script.pieces = ["No."]
    assert omar.send("Two", id_)[-1][1]["text"] == "No."
    assert texts(maya) == ["One", "Yes."]
    assert texts(omar) == ["Two", "No."]


# --- the transcript of several users ---


def test_its_pages_have_all_messages_in_order(visitor: Visitor, agent: Agent, secret: str) -> None:
    own = external_id_of(visitor)
    record_events(
        agent,
        *(
            make_event(
                n // 3,  # three at the same time
                platform=PLATFORM,
                external_id=own if n % 7 < 3 else "maya",
                text=f"{n:03}",
                role="agent" if n % 2 else "user",
            )
            for n in range(100)
        ),
    )
    maya = after_sign_in(visitor, secret)
    found: list[Data] = []
    path, more = "messages", True
    while more:
        page = maya.get(path).json()
        found, more = page["messages"] + found, page["more"]
        path = f"messages?before={page['messages'][0]['id']}"
    assert [line["text"] for line in found] == [f"{n:03}" for n in range(100)]


def test_a_join_is_decided_under_the_lock(
    visitor: Visitor, chat: WebChat, agent: Agent, secret: str, script: Script
) -> None:
    """What was free when it was looked up may be linked when it is locked."""
    visitor.send("One")
    anonymous = EndUser.objects.get()
    free = sign_in._is_free

    def link_meanwhile(*args: object) -> bool:
        other = make_user(agent, "Omar", platform=PLATFORM)
        result = free(*args)  # type: ignore[arg-type]
        linking.link(agent, anonymous.id, other.id, "olivia")
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sign_in, "_is_free", link_meanwhile)
        before = visitors.read_token(chat, visitor.token)
        assert before
        assert not sign_in.join(chat, before, Who("maya", before.expires, verified=True))
    assert not EndUser.objects.filter(external_id="maya").exists()
