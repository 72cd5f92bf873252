"""A person links their identities by a one-time link."""

from functools import partial

import pytest

from frontdesk.agents.models import Agent
from frontdesk.channels.linking import TOKEN_PREFIX, LinkError, redeem
from frontdesk.ledger.linking import identities, issue_token
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.recount import check
from tests.factories import make_agent, make_user
from tests.ledger.test_concurrency import at_once


@pytest.fixture
def maya(agent: Agent) -> EndUser:
    return make_user(agent, "Maya", platform="web")


def test_the_link_joins_both_into_one_person(agent: Agent, maya: EndUser) -> None:
    other = make_user(agent, "Maya at Telegram", external_id="7")

    redeem(agent, "telegram", "7", issue_token(maya))

    maya.refresh_from_db()
    assert identities(maya) == [maya, other]


@pytest.mark.django_db(transaction=True)
def test_the_person_who_opens_it_may_be_new_and_has_no_messages(
    agent: Agent, maya: EndUser
) -> None:
    redeem(agent, "telegram", "7", issue_token(maya))

    other = EndUser.objects.get(agent=agent, external_id="7")
    maya.refresh_from_db()
    assert identities(maya) == [maya, other]
    assert (other.total_messages_sent, other.total_chat_messages, other.total_sessions) == (0, 0, 0)
    assert Message.objects.get(end_user_id=other.id).role == "system"
    assert check(agent) == []


@pytest.mark.parametrize(
    "token", ["", "link_", "link_nobody-issued-this", "link_\0\n", "ключ", "x"]
)
def test_a_person_with_an_unknown_token_is_not_recorded(
    agent: Agent, maya: EndUser, token: str
) -> None:
    with pytest.raises(LinkError):
        redeem(agent, "telegram", "7", token)

    assert list(EndUser.objects.filter(agent=agent)) == [maya]
    assert Message.objects.filter(end_user__agent=agent).count() == 1


def test_a_token_of_another_agent_links_no_one(agent: Agent, maya: EndUser) -> None:
    other = make_agent("Bert")

    with pytest.raises(LinkError):
        redeem(other, "telegram", "7", issue_token(maya))

    assert not EndUser.objects.filter(agent=other).exists()


def test_a_link_works_once(agent: Agent, maya: EndUser) -> None:
    token = issue_token(maya)
    redeem(agent, "telegram", "7", token)

    with pytest.raises(LinkError, match="used already"):
        redeem(agent, "telegram", "8", token)

    assert not EndUser.objects.filter(agent=agent, external_id="8").exists()


def test_a_person_who_opens_their_own_link_stays_alone(agent: Agent, maya: EndUser) -> None:
    token = issue_token(maya)

    with pytest.raises(LinkError, match="the same user"):
        redeem(agent, "web", maya.external_id, token)

    redeem(agent, "telegram", "7", token)  # the refusal did not use it up


def test_the_token_is_not_stored(agent: Agent, maya: EndUser) -> None:
    token = issue_token(maya)
    redeem(agent, "telegram", "7", token)

    kept = Message.objects.values().get(end_user__external_id="7")
    assert token[len(TOKEN_PREFIX) :] not in str(kept)


@pytest.mark.django_db(transaction=True)
def test_one_of_many_at_once_is_linked(agent: Agent, maya: EndUser) -> None:
    token = issue_token(maya)
    outcomes: list[str] = []

    def open_link(number: int) -> None:
        try:
            redeem(agent, "telegram", str(number), token)
        except LinkError:
            outcomes.append("refused")
        else:
            outcomes.append("linked")

    at_once(*(partial(open_link, number) for number in range(6)))

    assert sorted(outcomes) == ["linked", *["refused"] * 5]
    assert EndUser.objects.filter(agent=agent).count() == 2
    assert check(agent) == []
