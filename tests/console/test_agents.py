"""The agents' cards, and creating, changing and archiving an agent."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.channels.web.models import WebChat
from frontdesk.console.agents.forms import GeneralForm
from frontdesk.core.charts.sparkline import sparkline
from frontdesk.ledger import agent_actions
from frontdesk.ledger.record import record
from tests.factories import make_bot, make_event, make_web_chat

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Tutor",
    "description": "Helps with homework",
    "avatar": "🦉",
    "time_zone": "Asia/Kathmandu",
    "timeout_minutes": "45",
}


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def form_of(agent: Agent, **changes: str) -> dict[str, str]:
    form = GeneralForm(instance=agent)
    return {
        name: str(form.get_initial_for_field(form.fields[name], name)) for name in form.fields
    } | changes


# --- the cards ---


def test_a_new_installation_shows_how_to_start(signed_in: Client) -> None:
    text = page(signed_in, "/agents")
    assert "/agents/new" in text
    assert "frontdesk keys create" in text
    assert "frontdesk import telegram" in text


def test_a_card_shows_channels_and_figures(signed_in: Client, agent: Agent) -> None:
    now = timezone.now()
    record(
        agent,
        [
            make_event(platform="telegram", external_id="1", message_id="1", time=now),
            make_event(platform="web", external_id="2", message_id="2", time=now),
            make_event(
                platform="web", external_id="3", message_id="3", time=now - dt.timedelta(days=20)
            ),
        ],
    )
    text = page(signed_in, "/agents")
    assert "Telegram" in text
    assert "Web" in text
    assert '<dd class="num">3</dd>' in text
    assert '<dd class="num">2</dd>' in text


def test_the_number_of_queries_does_not_grow_with_the_agents(
    signed_in: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    zones = ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Tokyo"]
    Agent.objects.bulk_create(
        Agent(name=f"Agent {number}", time_zone=zones[number % 4]) for number in range(40)
    )
    with django_assert_max_num_queries(10):
        # session, operator, agents, platforms, persons, three dates, web chats, bots
        signed_in.get("/agents")


def test_a_card_shows_which_channels_are_open(signed_in: Client, agent: Agent) -> None:
    chat = make_web_chat(agent, is_on=False)
    assert "Open channels" not in page(signed_in, "/agents")
    chat.is_on = True
    chat.save()
    failed = TelegramBot.State.FAILED
    make_bot(agent, state=failed)
    text = page(signed_in, "/agents")
    assert f'href="/chat/{agent.id}"' in text
    assert "Telegram @ada_bot: failed" in text


def test_the_head_leads_to_the_chat_while_it_is_open(signed_in: Client, agent: Agent) -> None:
    url = f"/agents/{agent.id}/analytics"
    assert "Open chat" not in page(signed_in, url)
    make_web_chat(agent)
    assert f'href="/chat/{agent.id}"' in page(signed_in, url)
    WebChat.objects.update(is_on=False)
    assert "Open chat" not in page(signed_in, url)


def test_names_are_shown_as_text(signed_in: Client, agent: Agent) -> None:
    Agent.objects.update(name="<img src=x>", description="<b>", avatar="<i>")
    for url in ("/agents", f"/agents/{agent.id}/settings", f"/agents/{agent.id}/archive"):
        text = page(signed_in, url)
        assert "<img src=x>" not in text
        assert "<b>" not in text
        assert "<i>" not in text


def test_a_sparkline_reaches_from_the_bottom_to_the_top() -> None:
    spark = sparkline([0, 5, 10])
    [run] = spark.runs
    assert run.line == "2.0,30.0 60.0,16.0 118.0,2.0"
    assert run.area.startswith("2.0,32 ")
    assert not spark.is_flat
    assert sparkline([0] * 30).is_flat


def test_a_sparkline_has_a_gap_where_there_is_no_value() -> None:
    runs = sparkline([None, 5, None, 0, 10]).runs
    assert [run.line for run in runs] == ["31.0,16.0 31.0,16.0", "89.0,30.0 118.0,2.0"]


# --- making and changing ---


def test_an_agent_is_created(signed_in: Client) -> None:
    response = signed_in.post("/agents/new", FORM)
    agent = Agent.objects.get()
    assert response["Location"] == f"/agents/{agent.id}"
    assert (agent.name, agent.avatar, agent.time_zone) == ("Tutor", "🦉", "Asia/Kathmandu")
    assert agent.session_timeout == 45 * 60


def test_a_new_agent_asks_for_its_backend(signed_in: Client) -> None:
    signed_in.post("/agents/new", FORM | {"name": "<b>Tutor"})
    agent = Agent.objects.get()
    text = page(signed_in, f"/agents/{agent.id}/users")
    assert "&lt;b&gt;Tutor is created" in text
    assert f'<a href="/agents/{agent.id}/settings/backend">choose a backend</a>' in text
    assert "Let people talk here" in text


def test_a_new_agent_starts_in_the_operators_zone(signed_in: Client, operator: Operator) -> None:
    operator.time_zone = "Europe/Berlin"
    operator.save()
    assert '<option value="Europe/Berlin" selected>' in page(signed_in, "/agents/new")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("name", "x" * 101),
        ("description", "x" * 501),
        ("avatar", "Fox"),
        ("avatar", "🦊 🦊"),
        ("avatar", "<b>"),
        ("time_zone", "Mars/Olympus"),
        ("timeout_minutes", "0"),
        ("timeout_minutes", "10081"),
        ("timeout_minutes", "soon"),
    ],
)
def test_a_bad_value_is_reported_at_its_field(signed_in: Client, field: str, value: str) -> None:
    response = signed_in.post("/agents/new", {**FORM, field: value})
    assert response.status_code == 422
    assert f'id="id_{field}_error"' in response.content.decode()
    assert not Agent.objects.exists()


@pytest.mark.parametrize("avatar", ["", "🤖", "🛎️", "👩‍🚀", "🇳🇵", "👍🏽", "1️⃣", "⚖️"])
def test_any_emoji_or_none_is_an_avatar(signed_in: Client, avatar: str) -> None:
    assert signed_in.post("/agents/new", {**FORM, "avatar": avatar}).status_code == 302


def test_renaming_rebuilds_nothing(signed_in: Client, agent: Agent) -> None:
    Agent.objects.update(session_timeout=90)  # not whole minutes: the page cannot set that
    agent.refresh_from_db()
    signed_in.post(f"/agents/{agent.id}/settings", form_of(agent, name="Another"))
    agent.refresh_from_db()
    assert agent.name == "Another"
    assert agent.session_timeout == 90
    assert agent.rebuilding_since is None


@pytest.mark.parametrize("change", [{"time_zone": "Asia/Tokyo"}, {"timeout_minutes": "10"}])
def test_a_new_zone_or_timeout_rebuilds_and_pages_say_so(
    signed_in: Client, agent: Agent, change: dict[str, str]
) -> None:
    signed_in.post(f"/agents/{agent.id}/settings", form_of(agent, **change))
    agent.refresh_from_db()
    assert agent.rebuilding_since is not None
    for url in (f"/agents/{agent.id}/analytics", f"/agents/{agent.id}/settings"):
        assert "being rebuilt" in page(signed_in, url)


def test_a_refused_change_leaves_the_head_as_it_is(signed_in: Client, agent: Agent) -> None:
    response = signed_in.post(
        f"/agents/{agent.id}/settings", form_of(agent, name="Another", avatar="no")
    )
    assert response.status_code == 422
    assert f"<h1>{agent.name}</h1>" in response.content.decode()


def test_saving_keeps_concurrent_changes(agent: Agent) -> None:
    form = GeneralForm(form_of(agent, name="Another"), instance=Agent.objects.get(id=agent.id))
    Agent.objects.update(archived_at=timezone.now(), limits={"messages_per_day": 5})
    assert form.is_valid()
    agent_actions.save_agent(SYSTEM, form.instance, form.changed_columns)
    agent.refresh_from_db()
    assert agent.archived_at is not None
    assert agent.limits == {"messages_per_day": 5}


# --- archiving ---


def test_archiving_asks_first(signed_in: Client, agent: Agent) -> None:
    text = page(signed_in, f"/agents/{agent.id}/archive")
    assert "What it does not do" in text
    agent.refresh_from_db()
    assert agent.archived_at is None


def test_an_archived_agent_is_hidden_behind_a_toggle_and_comes_back(
    signed_in: Client, agent: Agent
) -> None:
    signed_in.post(f"/agents/{agent.id}/archive")
    link = f'href="/agents/{agent.id}"'
    assert "Show 1 archived" in page(signed_in, "/agents")
    assert link not in page(signed_in, "/agents")
    assert link in page(signed_in, "/agents?archived")
    signed_in.post(f"/agents/{agent.id}/unarchive")
    assert link in page(signed_in, "/agents")


def test_archiving_twice_keeps_the_first_time(signed_in: Client, agent: Agent) -> None:
    signed_in.post(f"/agents/{agent.id}/archive")
    first = Agent.objects.get().archived_at
    signed_in.post(f"/agents/{agent.id}/archive")
    assert Agent.objects.get().archived_at == first


def test_unarchiving_is_not_a_link(signed_in: Client, agent: Agent) -> None:
    assert signed_in.get(f"/agents/{agent.id}/unarchive").status_code == 405


# --- its pages ---


def test_open_leads_to_analytics(signed_in: Client, agent: Agent) -> None:
    assert signed_in.get(f"/agents/{agent.id}")["Location"] == f"/agents/{agent.id}/analytics"


def test_the_old_address_of_the_settings_leads_there(signed_in: Client, agent: Agent) -> None:
    assert signed_in.get(f"/agents/{agent.id}/edit")["Location"] == f"/agents/{agent.id}/settings"
