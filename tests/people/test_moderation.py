"""Actions on one user, by the sheets and forms of the profile."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent, Tag
from frontdesk.audit import SYSTEM
from frontdesk.gate import blocks, user_limits
from frontdesk.gate.models import Block
from frontdesk.ledger.models import EndUser
from frontdesk.people import actions
from frontdesk.people.models import Note
from tests.factories import (
    make_agent,
    make_agent_text,
    make_operator,
    make_plan,
    make_user,
    make_web_chat,
)
from tests.people.test_pages import profile_url, text_of

SHEET = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#sheet-body"}


def post(client: Client, user: EndUser, action: str, **data: Any) -> str:
    """Send a valid form of the profile; returns the URL that it leads to."""
    response = client.post(f"{profile_url(user)}/{action}", data)
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def refused(client: Client, user: EndUser, action: str, **data: Any) -> str:
    """Send an invalid form; returns the page with its errors."""
    response = client.post(f"{profile_url(user)}/{action}", data, headers=SHEET)
    assert response.status_code == 422
    return response.content.decode()


def fresh(user: EndUser) -> EndUser:
    return EndUser.objects.get(id=user.id)


# --- blocks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how_long", "hours"), [("1h", 1), ("24h", 24), ("7d", 7 * 24), ("good", None)]
)
def test_a_block_ends_as_chosen(
    signed_in: Client, agent: Agent, how_long: str, hours: int | None
) -> None:
    user = make_user(agent, "Maya")
    where = post(signed_in, user, "block", reason="Spam", how_long=how_long, until="nonsense")
    assert where == profile_url(user)
    block = blocks.current([user.id])[user.id]
    assert (block.reason, block.created_by) == ("Spam", "olivia")
    if hours is None:
        assert block.is_for_good
    else:
        off = abs(block.until - timezone.now() - dt.timedelta(hours=hours))
        assert off < dt.timedelta(minutes=1)


def test_a_date_is_of_the_operators_zone(
    signed_in: Client, agent: Agent, operator: Operator
) -> None:
    operator.time_zone = "Asia/Kathmandu"
    operator.save()
    user = make_user(agent, "Maya")
    post(signed_in, user, "block", reason="Spam", how_long="date", until="2099-06-01T12:00")
    assert blocks.current([user.id])[user.id].until == dt.datetime(2099, 6, 1, 6, 15, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"how_long": "good"},
        {"reason": " ", "how_long": "good"},
        {"reason": "x" * 201, "how_long": "good"},
        {"reason": "Spam"},
        {"reason": "Spam", "how_long": "for ever"},
        {"reason": "Spam", "how_long": "date"},
        {"reason": "Spam", "how_long": "date", "until": "2001-01-01T00:00"},
        {"reason": "Spam", "how_long": "date", "until": "9999-12-31T23:59"},
        {"reason": "Spam", "how_long": "date", "until": "0001-01-01T00:00"},
        {"reason": "Spam", "how_long": "date", "until": "soon"},
        {"reason": "Spam", "how_long": "good", "text": "x" * 1001},
        {"reason": "Spam\0", "how_long": "good"},
    ],
)
def test_a_block_that_makes_no_sense_is_refused(
    signed_in: Client, agent: Agent, data: dict[str, str]
) -> None:
    user = make_user(agent, "Maya")
    page = refused(signed_in, user, "block", **data)
    assert "field-error" in page
    assert "<!doctype" not in page  # the sheet alone
    assert not Block.objects.exists()


def test_unblocking_keeps_the_history(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya")
    post(signed_in, user, "block", reason="Spam", how_long="good")
    assert "Spam" in text_of(signed_in, f"{profile_url(user)}/unblock")
    post(signed_in, user, "unblock")
    assert not blocks.current([user.id])
    assert "Spam" in text_of(signed_in, f"{profile_url(user)}/block")
    assert "is not blocked" in text_of(signed_in, f"{profile_url(user)}/unblock")


def test_a_block_in_force_is_where_its_change_begins(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya")
    actions.block(SYSTEM, agent, [user.id], reason="Spam", until=None, text="Go away", note="hm")
    page = text_of(signed_in, f"{profile_url(user)}/block")
    for kept in ('value="Spam"', ">\nGo away</textarea>", ">\nhm</textarea>"):
        assert kept in page
    assert re.search(r'value="good"[^>]*checked', page)


def test_what_the_person_will_read_is_shown(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya", language="de-at")
    make_agent_text(agent, "blocked", "de", "Pause!")
    url = f"{profile_url(user)}/block/preview"
    assert "Pause!" in text_of(signed_in, url)
    preview = text_of(signed_in, f"{url}?text=<b>Bis+{{retry}}&how_long=24h")
    assert "&lt;b&gt;Bis in 24" in preview
    text_of(signed_in, f"{url}?text=%00&how_long=date&until=0001-01-01T00:00")


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize("until", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_date_at_the_calendars_end_is_shown_in_no_zone(
    signed_in: Client, agent: Agent, zone: str, until: str
) -> None:
    agent.time_zone = zone
    agent.save()
    user = make_user(agent, "Maya")
    text_of(signed_in, f"{profile_url(user)}/block/preview?how_long=date&until={until}")


# --- plan, tags, limits, attributes ---------------------------------------------------------------


def test_a_plan_is_assigned_with_its_end_and_removed(signed_in: Client, agent: Agent) -> None:
    make_plan(agent, "plus")
    user = make_user(agent, "Maya", plan="told")
    post(signed_in, user, "plan", plan="plus", until="2099-01-01T00:00")
    assert fresh(user).subscription == "plus"
    assert fresh(user).plan_until == dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
    post(signed_in, user, "plan", plan="")
    assert fresh(user).subscription == "told"
    for data in ({"plan": "nothing"}, {"plan": "plus", "until": "2001-01-01T00:00"}):
        assert "field-error" in refused(signed_in, user, "plan", **data)


def test_tags_are_added_and_removed(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya", tags=["told"])
    post(signed_in, user, "tags", new="vip,  beta tester ,,vip")
    assert fresh(user).all_tags == ["beta tester", "told", "vip"]
    assert Tag.objects.filter(agent=agent).count() == 2
    post(signed_in, user, "tags", tags=["vip"])
    assert fresh(user).all_tags == ["told", "vip"]
    assert "field-error" in refused(signed_in, user, "tags", tags=["nobody's"])
    assert "has at most 50" in refused(signed_in, user, "tags", new="x" * 51)
    assert fresh(user).assigned_tags == ["vip"]


def test_a_limit_that_is_not_set_says_which_one_applies(signed_in: Client, agent: Agent) -> None:
    agent.limits = {"messages_per_day": 10, "sessions_per_day": 3}
    agent.save()
    make_plan(agent, "pro", limits={"messages_per_day": 70})
    user = make_user(agent, "Maya", plan="pro")
    page = signed_in.get(f"{profile_url(user)}/limits").text
    assert "Same as the plan: 70" in page
    assert "Same as the agent: 3" in page
    assert "Same as the agent: no limit" in page


def test_the_profile_says_which_messages_a_limit_does_not_count(
    signed_in: Client, agent: Agent
) -> None:
    agent.limits = {"cost_per_month": 10}
    agent.save()
    user = make_user(agent, "Maya", time=timezone.now(), model="own", input_tokens=7)
    assert "1 message without a price is not counted." in signed_in.get(profile_url(user)).text


def test_limits_of_one_user(signed_in: Client, agent: Agent) -> None:
    agent.limits = {"messages_per_day": 10}
    agent.save()
    user = make_user(agent, "Maya")
    rules = dict.fromkeys(
        re.findall(r'name="([a-z_]+)_rule"', text_of(signed_in, f"{profile_url(user)}/limits")),
        "wider",
    )
    given = {f"{key}_rule": rule for key, rule in rules.items()}
    given |= {"messages_per_day_rule": "none", "cost_per_day_rule": "most", "cost_per_day": "1.5"}
    post(signed_in, user, "limits", **given)
    assert user_limits.limits_of(user.id) == {"messages_per_day": None, "cost_per_day": 1_500_000}
    page = refused(signed_in, user, "limits", **given | {"cost_per_day": "lots"})
    assert 'value="lots"' in page  # nothing typed is lost
    assert "field-error" in refused(signed_in, user, "limits")


def test_attributes_are_added_changed_and_removed(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya", attributes={"city": "Bern"})
    actions.assign_attributes(SYSTEM, agent, user.id, {"seats": 12})
    post(signed_in, user, "attributes", name="Company & Co", value="Acme")
    post(signed_in, user, "attributes?name=seats", name="chairs", value="12")
    assert fresh(user).assigned_attributes == {"Company & Co": "Acme", "chairs": 12}
    page = text_of(signed_in, profile_url(user))
    assert "attributes?name=Company%20%26%20Co" in page
    taken = refused(signed_in, user, "attributes", name="chairs", value="1")
    assert "already an attribute with this name" in taken
    assert "field-error" in refused(signed_in, user, "attributes", name="", value="")
    post(signed_in, user, "attributes?name=chairs", remove="1")
    assert fresh(user).assigned_attributes == {"Company & Co": "Acme"}
    assert fresh(user).attributes == {"city": "Bern"}
    text_of(signed_in, f"{profile_url(user)}/attributes?name=city", status=404)


# --- notes ----------------------------------------------------------------------------------------


def test_a_note_is_written_edited_and_deleted_by_its_author(
    signed_in: Client, agent: Agent
) -> None:
    user = make_user(agent, "Maya")
    post(signed_in, user, "notes", text="<i>calls</i>\nback")
    note = Note.objects.get()
    page = text_of(signed_in, profile_url(user))
    assert "&lt;i&gt;calls&lt;/i&gt;<br>back" in page
    post(signed_in, user, f"notes/{note.id}", text="called back")
    note.refresh_from_db()
    assert note.text == "called back"
    assert note.edited_at
    assert "called back" in text_of(signed_in, f"{profile_url(user)}/notes/{note.id}/delete")
    post(signed_in, user, f"notes/{note.id}/delete")
    assert not Note.objects.exists()


def test_others_notes_are_read_and_not_changed(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Maya")
    other = make_operator("oscar")
    note = actions.add_note(other.actor, agent, user, "mine")
    url = f"{profile_url(user)}/notes/{note.id}"
    page = text_of(signed_in, profile_url(user))
    assert "mine" in page
    assert url not in page
    for there in (url, f"{url}/delete"):
        assert signed_in.post(there, {"text": "yours"}).status_code == 404


@pytest.mark.parametrize("text", ["", "  \n", "x" * 5001])
def test_a_note_that_cannot_be_kept_stays_in_its_box(
    signed_in: Client, agent: Agent, text: str
) -> None:
    user = make_user(agent, "Maya")
    response = signed_in.post(f"{profile_url(user)}/notes", {"text": text})
    assert response.status_code == 422
    page = response.content.decode()
    assert 'id="note-problem"' in page
    assert f">{text}</textarea>" in page


# --- every action -------------------------------------------------------------------------------


ACTIONS = (
    "block unblock plan tags limits attributes link unlink link-token erase anonymise"
    " notes/00000000-0000-4000-8000-000000000000"
    " notes/00000000-0000-4000-8000-000000000000/delete"
).split()


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_are_on_users_of_this_agent(signed_in: Client, agent: Agent, action: str) -> None:
    elsewhere = make_user(make_agent("Bob"), "Zoe")
    for id_ in (elsewhere.id, uuid.uuid4()):
        url = f"/agents/{agent.id}/users/{id_}/{action}"
        assert signed_in.get(url).status_code == 404
        assert signed_in.post(url, {"reason": "Spam", "how_long": "good"}).status_code == 404


@pytest.mark.parametrize("action", ACTIONS[:11])
def test_the_page_of_an_action_leads_back_to_the_user(
    signed_in: Client, agent: Agent, action: str
) -> None:
    profile = profile_url(make_user(agent, "Maya"))
    assert f'href="{profile}"' in signed_in.get(f"{profile}/{action}").text


@pytest.mark.parametrize("action", [*ACTIONS, "notes"])
def test_actions_need_sign_in_and_a_token(
    client: Client, operator: Operator, agent: Agent, action: str
) -> None:
    url = f"{profile_url(make_user(agent, 'Maya'))}/{action}"
    assert client.post(url).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(operator)
    assert strict.post(url).status_code == 403


def test_a_user_who_was_erased_in_the_meantime_is_not_found(
    signed_in: Client, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise EndUser.DoesNotExist

    user = make_user(agent, "Maya")
    make_web_chat(agent)
    acts_and_forms = {
        "add_note": ("notes", {"text": "hm"}),
        "issue_link_token": ("link-token", {}),
        "erase": ("erase", {"confirmation": "erase"}),
        "anonymize": ("anonymise", {"confirmation": "anonymize"}),
    }
    for name, (there, form) in acts_and_forms.items():
        monkeypatch.setattr(actions, name, gone)
        assert signed_in.post(f"{profile_url(user)}/{there}", form).status_code == 404
