"""Linking identities, erasing and anonymizing by the pages."""

import json
import re
import uuid

import pytest
from django.test import Client

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.channels.web.models import WebChat
from frontdesk.ledger import erasures
from frontdesk.ledger.erase import remove_rest
from frontdesk.ledger.linking import redeem
from frontdesk.ledger.models import EndUser, Erasure, LinkToken, Message
from frontdesk.ledger.receipts import verify_receipt
from frontdesk.ledger.record import record
from frontdesk.people import actions
from tests.factories import (
    make_agent,
    make_bot,
    make_conversation,
    make_event,
    make_user,
    make_web_chat,
)
from tests.people.test_moderation import fresh, post, refused
from tests.people.test_pages import profile_url, text_of


def receipt_of(
    client: Client, user: EndUser, action: str = "erase", **data: str
) -> tuple[str, str]:
    """Erase the user; returns the URL of the receipt, and its page."""
    where = post(client, user, action, **{"confirmation": action, **data})
    return where, text_of(client, where)


# --- links --------------------------------------------------------------------------------------


def test_the_other_user_is_searched_previewed_and_linked(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya", cost=100_000)
    other = make_user(agent, "Maya Lin", 1, platform="web", cost=200_000)
    url = f"{profile_url(user)}/link"
    found = text_of(signed_in, f"{url}?q=maya")
    assert f"?other={other.id}" in found
    assert f"?other={user.id}" not in found
    assert "No other user" in text_of(signed_in, f"{url}?q=zoe")
    assert "$0.30" in text_of(signed_in, f"{url}?other={other.id}")
    post(signed_in, user, "link", other=str(other.id))
    person = fresh(user).person_id
    assert person
    assert fresh(other).person_id == person
    assert f"?other={other.id}" not in text_of(signed_in, f"{url}?q=maya")
    post(signed_in, user, "unlink")
    assert fresh(other).person_id is None
    assert "is not linked" in text_of(signed_in, f"{profile_url(user)}/unlink")


def test_no_one_is_linked_with_nonsense(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya")
    elsewhere = make_user(make_agent("Bob"), "Zoe")
    for other in ("x", str(uuid.uuid4()), str(elsewhere.id), ""):
        refused(signed_in, user, "link", other=other)
    assert "This is the same user" in refused(signed_in, user, "link", other=str(user.id))
    assert fresh(user).person_id is None


def test_a_link_for_the_person_works_once(signed_in: Client, agent: Agent) -> None:
    user, other = make_user(agent, "Maya"), make_user(agent, "Maya", platform="web")
    url = f"{profile_url(user)}/link-token"
    make_web_chat(agent)
    make_bot(agent)
    assert "link_" not in text_of(signed_in, url)
    page = signed_in.post(url).content.decode()
    token = re.search(r"https://t\.me/ada_bot\?start=(link_[\w-]+)", page)
    assert token
    assert f"http://testserver/chat/{agent.id}?link={token[1]}" in page
    redeem(agent, token[1], other.id)
    assert fresh(user).person_id == fresh(other).person_id


def test_a_link_needs_a_channel_where_it_is_opened(signed_in: Client, agent: Agent) -> None:
    url = f"{profile_url(make_user(agent, 'Maya'))}/link-token"
    make_web_chat(agent, is_on=False)
    assert "Open a channel" in text_of(signed_in, url)
    assert "link_" not in signed_in.post(url).content.decode()
    assert not LinkToken.objects.exists()
    WebChat.objects.update(is_on=True)
    assert "t.me" not in signed_in.post(url).content.decode()
    assert LinkToken.objects.count() == 1


# --- erasures -----------------------------------------------------------------------------------


def test_erasing_leads_to_a_signed_receipt(signed_in: Client, agent: Agent) -> None:
    user = make_conversation(agent, 3)
    where, page = receipt_of(signed_in, user, confirmation="MAYA")
    assert "Done: nothing of the user is left" in page
    assert "ledger_message" in page
    assert "Maya" not in page
    assert "by olivia" not in page  # the name has its own row
    assert "olivia" in page
    text_of(signed_in, profile_url(user), status=404)
    answer = signed_in.get(f"{where}/receipt.json")
    assert answer["Content-Disposition"].startswith("attachment")
    assert verify_receipt(answer.content)["tables"]["ledger_message"] == 3
    assert where in text_of(signed_in, f"/agents/{agent.id}/erasures")


@pytest.mark.parametrize("typed", ["", "yes", "anonymize", "Zoe", "\0"])
def test_no_one_is_erased_without_confirmation(signed_in: Client, agent: Agent, typed: str) -> None:
    user = make_user(agent, "Maya")
    assert "field-error" in refused(signed_in, user, "erase", confirmation=typed)
    assert fresh(user) == user
    assert not Erasure.objects.exists()


def test_a_user_who_may_return_can(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya")
    where, page = receipt_of(signed_in, user)
    assert "Allow the person to return" in page
    late = make_event(external_id="maya", time=Erasure.objects.get().requested_at)
    assert record(agent, [late])[0].status == "rejected"
    assert signed_in.post(f"{where}/return").status_code == 302
    assert "are recorded again" in text_of(signed_in, where)
    _, page = receipt_of(signed_in, make_user(agent, "Zoe"), may_return="on")
    assert "Allow the person to return" not in page


def test_anonymizing_keeps_the_history(signed_in: Client, agent: Agent) -> None:
    for name, keep, texts in (("Maya", "on", {"hello"}), ("Zoe", "", {""})):
        user = make_user(agent, name, text="hello")
        _, page = receipt_of(
            signed_in, user, "anonymise", confirmation="anonymize", keep_texts=keep
        )
        assert "the user can no longer be identified" in page
        text_of(signed_in, profile_url(user), status=404)
        left = EndUser.objects.get(agent=agent)
        assert left.is_anonymous_person
        assert set(Message.objects.values_list("text", flat=True)) == texts
        actions.erase(SYSTEM, agent, left.id)


def test_a_long_history_shows_how_far_it_is(
    signed_in: Client, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasures, "INLINE", 2)
    where, page = receipt_of(signed_in, make_conversation(agent, 5))
    assert "In progress" in page
    assert f'hx-get="{where}"' in page
    text_of(signed_in, f"{where}/receipt.json", status=404)
    remove_rest.call(str(Erasure.objects.get().id))
    page = text_of(signed_in, where)
    assert "Done" in page
    assert "hx-trigger" not in page.split('id="erasure"')[1].split(">")[0]
    assert json.loads(signed_in.get(f"{where}/receipt.json").content)["kind"] == "erase"


def test_receipts_are_of_this_agent(signed_in: Client, agent: Agent) -> None:
    where, _ = receipt_of(signed_in, make_user(agent, "Maya"))
    other = make_agent("Bob")
    there = where.replace(str(agent.id), str(other.id))
    text_of(signed_in, there, status=404)
    assert signed_in.post(f"{there}/return").status_code == 404
    assert "No erasures yet" in text_of(signed_in, f"/agents/{other.id}/erasures?page=x")
