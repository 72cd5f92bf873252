"""Access: the agent's state and its access mode."""

import pytest
from django.utils import timezone

from frontdesk.agents.models import Agent, Invitee
from frontdesk.gate.admission import admit
from tests.factories import make_agent, make_event, make_invitee, make_linked_users
from tests.gate.asking import ask


def invite(agent: Agent, kind: Invitee.Kind, value: str) -> None:
    make_invitee(agent, kind, value)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"archived_at": timezone.now()}, "archived"),
        ({"deleting_since": timezone.now()}, "archived"),
        ({"paused_at": timezone.now()}, "paused"),
        ({"paused_at": timezone.now(), "archived_at": timezone.now()}, "archived"),
        ({"access": "closed"}, "closed"),
        ({"access": "closed", "paused_at": timezone.now()}, "paused"),
        ({"access": "verified"}, "not_verified"),
        ({"access": "invited"}, "not_invited"),
        ({"access": "open"}, ""),
    ],
)
def test_an_agent_refuses_by_its_state(agent: Agent, state: dict[str, object], reason: str) -> None:
    event = make_event(platform="web")
    Agent.objects.filter(id=agent.id).update(**state)  # `agent` itself is as it was before

    verdict = admit(agent, event)

    assert (verdict.reason, verdict.admitted) == (reason, reason == "")
    assert (verdict.outcome is not None, bool(verdict.text)) == (reason == "", reason != "")


def test_vouched_identities_and_all_of_telegram_are_verified(agent: Agent) -> None:
    agent.access = Agent.Access.VERIFIED
    agent.save()

    assert ask(agent, platform="web", verified=True).admitted
    assert ask(agent, platform="telegram").admitted
    assert not ask(agent, platform="api").admitted


def test_invited_by_id_username_or_verified_address(agent: Agent) -> None:
    agent.access = Agent.Access.INVITED
    agent.save()
    invite(agent, Invitee.Kind.ID, "web:ada")
    invite(agent, Invitee.Kind.USERNAME, "bert")
    invite(agent, Invitee.Kind.EMAIL, "carla@example.com")
    invite(make_agent("Another"), Invitee.Kind.ID, "web:dora")

    assert ask(agent, platform="web", external_id="ada").admitted
    assert not ask(agent, platform="telegram", external_id="ada").admitted
    assert not ask(agent, platform="web", external_id="dora").admitted
    assert ask(agent, platform="telegram", external_id="1", username="@BERT").admitted
    assert not ask(agent, platform="web", external_id="1", username="bert").admitted
    address = "Carla@Example.com"
    assert ask(agent, platform="web", external_id="2", email=address, verified=True).admitted
    # Telegram vouches for its ids, but for no address.
    assert not ask(agent, platform="telegram", external_id="3", email=address).admitted


def test_a_stored_username_is_no_invitation(agent: Agent) -> None:
    ask(agent, username="bert")
    agent.access = Agent.Access.INVITED
    agent.save()
    invite(agent, Invitee.Kind.USERNAME, "bert")

    assert ask(agent, 1).reason == "not_invited"


def test_linked_with_an_invited_identity_is_invited(agent: Agent) -> None:
    make_linked_users(agent)
    agent.access = Agent.Access.INVITED
    agent.save()
    invite(agent, Invitee.Kind.ID, "telegram:ada")

    assert ask(agent, 1, platform="web", external_id="ada").admitted
