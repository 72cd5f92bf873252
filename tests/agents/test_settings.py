"""Saving each section of the settings, and its errors."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import now

from frontdesk.agents.limits import LIMITS
from frontdesk.agents.models import Agent, AgentText, ApiKey
from frontdesk.ledger import relabel
from frontdesk.ledger.assign import assign_plan, change_tags
from frontdesk.ledger.models import EndUser
from tests.factories import make_agent_text, make_key, make_plan, make_tag, make_user

pytestmark = pytest.mark.django_db


def post(client: Client, agent: Agent, section: str, **fields: Any) -> HttpResponse:
    response: HttpResponse = client.post(f"/agents/{agent.id}/settings/{section}", fields)  # type: ignore[assignment]
    return response


def saved(response: HttpResponse) -> bool:
    assert response.status_code in (302, 422), response.status_code
    return response.status_code == 302


def no_limits(**limits: str) -> dict[str, str]:
    return dict.fromkeys(LIMITS, "") | limits


def plan_fields(**fields: str) -> dict[str, str]:
    rules = {f"{key}_rule": "wider" for key in LIMITS}
    return {"name": "Plus", "key": "", "color": "teal", "price": "", **rules, **fields}


# --- general ---


def test_an_agents_name_reverses_no_text_around_it(signed_in: Client, agent: Agent) -> None:
    fields = {"time_zone": "UTC", "timeout_minutes": "30", "language": "en"}
    page = f"/agents/{agent.id}/settings"
    answer = signed_in.post(page, {**fields, "name": "Ada \u202egnp.exe"})
    assert answer.status_code == 302
    assert Agent.objects.get().name == "Ada gnp.exe"
    assert signed_in.post(page, {**fields, "name": "\u202e"}).status_code == 422


def test_pausing_asks_and_resuming_does_not(signed_in: Client, agent: Agent) -> None:
    url = f"/agents/{agent.id}/pause"
    assert "What it does not do" in signed_in.get(url).content.decode()
    signed_in.post(url)
    agent.refresh_from_db()
    assert agent.paused_at
    assert "is paused" in signed_in.get(f"/agents/{agent.id}/settings").content.decode()
    signed_in.post(f"/agents/{agent.id}/resume")
    agent.refresh_from_db()
    assert agent.paused_at is None


# --- access ---


def test_the_access_mode_is_saved_and_a_wrong_one_refused(signed_in: Client, agent: Agent) -> None:
    assert saved(post(signed_in, agent, "access", access="invited"))
    assert not saved(post(signed_in, agent, "access", access="friends"))
    agent.refresh_from_db()
    assert agent.access == "invited"


# --- limits ---


def test_limits_are_saved_and_dollars_are_exact(signed_in: Client, agent: Agent) -> None:
    assert saved(
        post(
            signed_in,
            agent,
            "limits",
            **no_limits(messages_per_day="0", cost_per_day="0.000001", cost_per_month="1234.56"),
        )
    )
    agent.refresh_from_db()
    assert agent.limits == {
        "messages_per_day": 0,
        "cost_per_day": 1,
        "cost_per_month": 1_234_560_000,
    }
    text = signed_in.get(f"/agents/{agent.id}/settings/limits").content.decode()
    assert 'value="0.000001"' in text
    assert 'value="1234.56"' in text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("messages_per_day", "-1"),
        ("messages_per_day", "many"),
        ("messages_per_day", "1.5"),
        ("messages_per_day", "9" * 5000),
        ("cost_per_day", "-0.01"),
        ("cost_per_day", "NaN"),
        ("cost_per_day", "1e400"),
        ("cost_per_day", "0.0000001"),
        ("cost_per_month", "1000000001"),
        ("longest_message", "½"),
    ],
)
def test_an_invalid_limit_shows_an_error_at_its_field(
    signed_in: Client, agent: Agent, key: str, value: str
) -> None:
    response = post(signed_in, agent, "limits", **no_limits(**{key: value}))
    assert not saved(response)
    assert f'id="id_{key}_error"' in response.content.decode()
    agent.refresh_from_db()
    assert agent.limits == {}


def test_a_limit_is_simulated_on_the_last_days_and_nothing_is_saved(
    signed_in: Client, agent: Agent
) -> None:
    for n in range(3):
        make_user(agent, "Maya", time=now(), message_id=f"m{n}")
    make_user(agent, "Ada", time=now())
    text = "stopped 1 of 2 people"
    typed = no_limits(messages_per_day="2")
    response = post(signed_in, agent, "limits", **typed, **{"try": "1"})
    assert text in response.content.decode()
    assert 'value="2"' in response.content.decode()
    agent.refresh_from_db()
    assert agent.limits == {}
    url = f"/agents/{agent.id}/settings/limits/try/messages_per_day"
    assert text in signed_in.get(url, {"messages_per_day": "2"}).content.decode()


@pytest.mark.parametrize("value", ["", "-1", "x", "9" * 5000, "\0"])
def test_an_invalid_limit_is_not_simulated(signed_in: Client, agent: Agent, value: str) -> None:
    url = f"/agents/{agent.id}/settings/limits/try/messages_per_day"
    response = signed_in.get(url, {"messages_per_day": value, "plan": "no-plan"})
    assert response.status_code == 200
    assert response.content.strip() == b""


def test_limits_of_a_minute_cannot_be_simulated(signed_in: Client, agent: Agent) -> None:
    for key in ("messages_per_minute", "longest_message", "nonsense"):
        assert signed_in.get(f"/agents/{agent.id}/settings/limits/try/{key}").status_code == 404


# --- plans ---


def test_a_plan_gets_its_key_once_from_its_name(signed_in: Client, agent: Agent) -> None:
    assert saved(post(signed_in, agent, "plans/new", **plan_fields(name="Plus für alle")))
    plan = agent.plans.get()
    assert plan.key == "plus-für-alle"
    assert saved(post(signed_in, agent, f"plans/{plan.id}", **plan_fields(name="Max", key="other")))
    plan.refresh_from_db()
    assert (plan.name, plan.key) == ("Max", "plus-für-alle")


def test_a_plans_limits_say_more_nothing_or_something_else(signed_in: Client, agent: Agent) -> None:
    fields = plan_fields(
        messages_per_day_rule="none",
        cost_per_month_rule="most",
        cost_per_month="9.50",
        messages_per_month="what was typed before",
    )
    assert saved(post(signed_in, agent, "plans/new", **fields))
    assert agent.plans.get().limits == {"messages_per_day": None, "cost_per_month": 9_500_000}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": " "}, "id_name_error"),
        ({"name": "!!!"}, "id_key_error"),
        ({"key": "pro"}, "id_key_error"),
        ({"key": "x" * 101}, "id_key_error"),
        ({"color": "ultraviolet"}, "id_color_error"),
        ({"price": "x" * 61}, "id_price_error"),
        ({"messages_per_day_rule": "most"}, "id_messages_per_day_error"),
    ],
)
def test_an_invalid_plan_shows_an_error_at_its_field(
    signed_in: Client, agent: Agent, fields: dict[str, str], error: str
) -> None:
    make_plan(agent, "pro")
    response = post(signed_in, agent, "plans/new", **plan_fields(**fields))
    assert not saved(response)
    assert f'id="{error}"' in response.content.decode()
    assert agent.plans.count() == 1


def test_reported_plans_are_listed_and_can_be_created(signed_in: Client, agent: Agent) -> None:
    make_user(agent, "Maya", plan="gold & silver")
    make_user(agent, "Ada")
    text = signed_in.get(f"/agents/{agent.id}/settings/plans").content.decode()
    assert "1 user" in text
    assert text.count("Create plan") == 1
    link = f"/agents/{agent.id}/settings/plans/new?key=gold%20%26%20silver"
    assert link in text
    assert 'value="gold &amp; silver"' in signed_in.get(link).content.decode()


def test_deleting_a_plan_counts_its_users_and_removes_it_from_them(
    signed_in: Client, agent: Agent
) -> None:
    plan = make_plan(agent, "gold")
    maya, ada = make_user(agent, "Maya"), make_user(agent, "Ada", plan="gold")
    assign_plan(agent.id, [maya.id, ada.id], "gold", None)
    url = f"/agents/{agent.id}/settings/plans/{plan.id}/delete"
    assert "2 users lose the plan" in signed_in.get(url).content.decode()
    signed_in.post(url)
    assert not agent.plans.exists()
    relabel.take_plan_away.call(str(agent.id), "gold")
    plans = EndUser.objects.values_list("name", "assigned_plan", "subscription").order_by("name")
    assert list(plans) == [("Ada", "", "gold"), ("Maya", "", None)]


# --- tags ---


def test_renaming_a_tag_renames_it_at_its_users(signed_in: Client, agent: Agent) -> None:
    tag = make_tag(agent, "vip")
    maya, ada = make_user(agent, "Maya"), make_user(agent, "Ada", tags=["vip"])
    change_tags(agent.id, [maya.id], ["vip"])
    assert saved(post(signed_in, agent, f"tags/{tag.id}", name="very important", color="red"))
    relabel.change_tag.call(str(agent.id), "vip", "very important")
    assert EndUser.objects.get(id=maya.id).all_tags == ["very important"]
    assert EndUser.objects.get(id=ada.id).all_tags == ["vip"]


def test_deleting_a_tag_removes_it_from_its_users(signed_in: Client, agent: Agent) -> None:
    tag = make_tag(agent, "vip")
    maya = make_user(agent, "Maya", tags=["told"])
    change_tags(agent.id, [maya.id], ["vip"])
    url = f"/agents/{agent.id}/settings/tags/{tag.id}/delete"
    assert "1 user," in signed_in.get(url).content.decode()
    signed_in.post(url)
    relabel.change_tag.call(str(agent.id), "vip", "")
    assert EndUser.objects.get(id=maya.id).all_tags == ["told"]


@pytest.mark.parametrize("name", ["", " ", "vip", "x" * 51, "\0"])
def test_an_invalid_tag_shows_an_error_at_its_field(
    signed_in: Client, agent: Agent, name: str
) -> None:
    make_tag(agent, "vip")
    response = post(signed_in, agent, "tags/new", name=name, color="red")
    assert not saved(response)
    assert 'id="id_name_error"' in response.content.decode()


# --- texts ---


def test_an_own_text_is_previewed_saved_and_reset(signed_in: Client, agent: Agent) -> None:
    text = "Bis {retry}, {unknown}!"
    url = "texts?language=de"
    response = post(signed_in, agent, url, limit=text, preview="1")
    assert "Bis in 25 Min." in response.content.decode()
    assert "{unknown}!" in response.content.decode()
    assert not AgentText.objects.exists()
    assert saved(post(signed_in, agent, url, limit=text))
    assert AgentText.objects.values_list("occasion", "language", "text").get() == (
        "limit",
        "de",
        text,
    )
    assert saved(post(signed_in, agent, url, limit=" "))
    assert not AgentText.objects.exists()


def test_texts_of_other_languages_stay(signed_in: Client, agent: Agent) -> None:
    make_agent_text(agent, "limit", "fr", "Non.")
    assert saved(post(signed_in, agent, "texts?language=de", limit="Nein."))
    assert AgentText.objects.count() == 2


def test_another_language_is_added_and_nonsense_refused(signed_in: Client, agent: Agent) -> None:
    url = f"/agents/{agent.id}/settings/texts"
    assert "Brazilian Portuguese" in signed_in.get(url, {"language": "pt_BR"}).content.decode()
    response = signed_in.get(url, {"language": "<b>"})
    assert response.status_code == 422
    assert "&lt;b&gt;” is not a language tag" in response.content.decode()


def test_arabic_is_written_from_right_to_left(signed_in: Client, agent: Agent) -> None:
    url = f"/agents/{agent.id}/settings/texts"
    assert 'lang="ar" dir="rtl"' in signed_in.get(url, {"language": "ar"}).content.decode()
    assert 'dir="rtl"' not in signed_in.get(url, {"language": "de"}).content.decode()


def test_a_text_that_is_too_long_is_kept_to_be_shortened(signed_in: Client, agent: Agent) -> None:
    response = post(signed_in, agent, "texts", limit="x" * 1001)
    assert not saved(response)
    assert "x" * 1001 in response.content.decode()


# --- API keys ---


def test_a_key_is_shown_once(signed_in: Client, agent: Agent) -> None:
    response = post(signed_in, agent, "keys/new", name="Bot", scopes=["ingest", "manage"])
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    key = ApiKey.objects.get()
    token = response.content.decode().partition('id="new-token">')[2].partition("<")[0]
    assert ApiKey.objects.find(token) == key
    assert key.scopes == ["ingest", "manage"]
    page = signed_in.get(f"/agents/{agent.id}/settings/keys").content.decode()
    assert token not in page
    assert key.hint in page


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "scopes": ["read"]},
        {"name": "Bot", "scopes": []},
        {"name": "Bot", "scopes": ["root"]},
        {"name": "x" * 101, "scopes": ["read"]},
    ],
)
def test_a_key_without_a_name_or_a_known_scope_is_refused(
    signed_in: Client, agent: Agent, fields: dict[str, Any]
) -> None:
    assert not saved(post(signed_in, agent, "keys/new", **fields))
    assert not ApiKey.objects.exists()


def test_a_revoked_key_opens_nothing(signed_in: Client, agent: Agent) -> None:
    key, token = make_key(agent, "read", name="Bot")
    assert saved(post(signed_in, agent, f"keys/{key.id}/revoke"))
    assert ApiKey.objects.find(token) is None
    assert "revoked" in signed_in.get(f"/agents/{agent.id}/settings/keys").content.decode()


# --- privacy ---


@pytest.mark.parametrize(
    ("keeping", "days", "keep_texts", "keep_days"),
    [("days", "30", True, 30), ("none", "", False, None)],
)
def test_keeping_less_asks_before_it_is_saved(
    signed_in: Client,
    agent: Agent,
    keeping: str,
    days: str,
    keep_texts: bool,
    keep_days: int | None,
) -> None:
    fields = {"keeping": keeping, "keep_days": days}
    response = post(signed_in, agent, "privacy", **fields)
    assert "What it does not do" in response.content.decode()
    agent.refresh_from_db()
    assert (agent.keep_texts, agent.keep_days) == (True, None)
    assert saved(post(signed_in, agent, "privacy", **fields, confirmed="1"))
    agent.refresh_from_db()
    assert (agent.keep_texts, agent.keep_days) == (keep_texts, keep_days)


def test_keeping_more_is_saved_at_once(signed_in: Client, agent: Agent) -> None:
    Agent.objects.update(keep_days=7)
    assert saved(post(signed_in, agent, "privacy", keeping="days", keep_days="30"))
    assert saved(post(signed_in, agent, "privacy", keeping="all", keep_days="30"))
    agent.refresh_from_db()
    assert (agent.keep_texts, agent.keep_days) == (True, None)


@pytest.mark.parametrize("days", ["", "0", "-1", "x", "36501", "9" * 5000])
def test_an_invalid_number_of_days_shows_an_error_at_its_field(
    signed_in: Client, agent: Agent, days: str
) -> None:
    response = post(signed_in, agent, "privacy", keeping="days", keep_days=days)
    assert not saved(response)
    assert 'id="id_keep_days_error"' in response.content.decode()


def test_what_people_are_told_is_saved(signed_in: Client, agent: Agent) -> None:
    fields = {
        "organization": "Acme",
        "privacy_contact": "privacy@acme.example",
        "privacy_url": "acme.example/privacy",
    }
    assert saved(post(signed_in, agent, "privacy/notice", **fields))
    agent.refresh_from_db()
    assert (agent.organization, agent.tells_ai) == ("Acme", False)
    assert agent.privacy_url == "https://acme.example/privacy"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://acme.example/", "x y", "data:,x"])
def test_a_policy_has_the_address_of_a_page(signed_in: Client, agent: Agent, url: str) -> None:
    response = post(signed_in, agent, "privacy/notice", privacy_url=url)
    assert response.status_code == 422
    assert 'id="id_privacy_url_error"' in response.content.decode()
    agent.refresh_from_db()
    assert agent.tells_ai  # nothing is saved


# --- danger ---


def test_an_agent_is_deleted_only_by_its_name(signed_in: Client, agent: Agent) -> None:
    assert not saved(post(signed_in, agent, "danger", typed="ada"))
    assert not Agent.objects.exclude(deleting_since=None).exists()
    assert saved(post(signed_in, agent, "danger", typed=" Ada "))
    assert Agent.objects.exclude(deleting_since=None).exists()
    assert signed_in.get(f"/agents/{agent.id}/settings").status_code == 404
    assert f"/agents/{agent.id}" not in signed_in.get("/agents").content.decode()
