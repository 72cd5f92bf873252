"""Linking identities as one person, by an operator or by the person, and unlinking them."""

import datetime as dt
import re
import uuid
from functools import partial

import pytest
from django.utils.timezone import now

from frontdesk.agents.models import Agent
from frontdesk.ledger import linking
from frontdesk.ledger.linking import LinkError
from frontdesk.ledger.models import EndUser, LinkToken, Person
from tests.factories import make_agent, make_user
from tests.ledger.test_concurrency import at_once


@pytest.fixture
def crew(agent: Agent) -> list[EndUser]:
    return [
        make_user(agent, name, minutes) for minutes, name in enumerate("Ada Bert Cleo Dora".split())
    ]


def persons(users: list[EndUser]) -> list[uuid.UUID | None]:
    for user in users:
        user.refresh_from_db()
    return [user.person_id for user in users]


def test_two_that_are_linked_are_one_person(agent: Agent, crew: list[EndUser]) -> None:
    ada, bert, *_ = crew
    person = linking.link(agent, ada.id, bert.id, "Olivia")
    assert (person.agent_id, person.created_by) == (agent.id, "Olivia")
    assert persons(crew) == [person.id, person.id, None, None]
    assert linking.identities(bert) == [bert, ada]
    assert linking.identities(crew[2]) == [crew[2]]


def test_linking_again_changes_nothing(agent: Agent, crew: list[EndUser]) -> None:
    ada, bert, *_ = crew
    person = linking.link(agent, ada.id, bert.id, "Olivia")
    assert linking.link(agent, bert.id, ada.id, "Otto") == person
    assert Person.objects.get().created_by == "Olivia"


def test_two_persons_become_one(agent: Agent, crew: list[EndUser]) -> None:
    ada, bert, cleo, dora = crew
    linking.link(agent, ada.id, bert.id, "Olivia")
    linking.link(agent, cleo.id, dora.id, "Olivia")
    person = linking.link(agent, bert.id, dora.id, "Olivia")
    assert persons(crew) == [person.id] * 4
    assert list(Person.objects.all()) == [person]
    assert linking.identities(dora) == [dora, ada, bert, cleo]


def test_unlinking_leaves_the_others_linked_and_nothing_behind(
    agent: Agent, crew: list[EndUser]
) -> None:
    ada, bert, cleo, _ = crew
    linking.link(agent, ada.id, bert.id, "Olivia")
    person = linking.link(agent, ada.id, cleo.id, "Olivia")
    linking.unlink(agent, ada.id)
    assert persons(crew) == [None, person.id, person.id, None]
    linking.unlink(agent, ada.id)
    linking.unlink(agent, cleo.id)
    assert persons(crew) == [None] * 4
    assert not Person.objects.exists()


def test_what_cannot_be_linked(agent: Agent, crew: list[EndUser]) -> None:
    stranger = make_user(make_agent("Bert"), "Ada")
    for other, why in (
        (crew[0].id, "the same user"),
        (stranger.id, "no longer there"),
        (uuid.uuid4(), "no longer there"),
    ):
        with pytest.raises(LinkError, match=why):
            linking.link(agent, crew[0].id, other, "Olivia")
    assert not Person.objects.exists()


def test_a_person_has_a_bounded_number_of_identities(
    agent: Agent, crew: list[EndUser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "MAX_IDENTITIES", 3)
    ada, bert, cleo, dora = crew
    linking.link(agent, ada.id, bert.id, "Olivia")
    linking.link(agent, cleo.id, dora.id, "Olivia")
    before = persons(crew)
    with pytest.raises(LinkError, match="3 identities at most"):
        linking.link(agent, ada.id, cleo.id, "Olivia")
    assert persons(crew) == before


class TestTokens:
    def test_a_token_links_once(self, agent: Agent, crew: list[EndUser]) -> None:
        ada, bert, cleo, _ = crew
        token = linking.issue_token(ada)
        assert re.fullmatch(r"link_[A-Za-z0-9_-]{20,59}", token), "as Telegram's /start accepts it"
        person = linking.redeem(agent, token, bert.id)
        assert persons(crew) == [person.id, person.id, None, None]
        with pytest.raises(LinkError, match="used already"):
            linking.redeem(agent, token, cleo.id)

    def test_only_a_digest_is_kept(self, crew: list[EndUser]) -> None:
        token = linking.issue_token(crew[0])
        assert token not in str(LinkToken.objects.values())

    def test_it_expires_after_a_day(self, agent: Agent, crew: list[EndUser]) -> None:
        token = linking.issue_token(crew[0])
        LinkToken.objects.update(expires_at=now() - dt.timedelta(seconds=1))
        with pytest.raises(LinkError, match="no longer valid"):
            linking.redeem(agent, token, crew[1].id)
        linking.issue_token(crew[0])
        assert LinkToken.objects.count() == 1, "expired tokens are removed"

    def test_one_that_cannot_be_used_is_not_used_up(
        self, agent: Agent, crew: list[EndUser]
    ) -> None:
        token = linking.issue_token(crew[0])
        with pytest.raises(LinkError, match="the same user"):
            linking.redeem(agent, token, crew[0].id)
        linking.redeem(agent, token, crew[1].id)

    @pytest.mark.parametrize("token", ["", "link_", "link_wrong", "\ud800", "x" * 10_000])
    def test_unknown_tokens_are_rejected(
        self, agent: Agent, crew: list[EndUser], token: str
    ) -> None:
        with pytest.raises(LinkError, match="not known"):
            linking.redeem(agent, token, crew[0].id)

    def test_it_is_of_no_use_at_another_agent(self, crew: list[EndUser]) -> None:
        other = make_agent("Bert")
        user = make_user(other, "Maya")
        with pytest.raises(LinkError, match="not known"):
            linking.redeem(other, linking.issue_token(crew[0]), user.id)

    def test_a_user_who_is_gone_gets_no_token(self, agent: Agent, crew: list[EndUser]) -> None:
        EndUser.objects.filter(id=crew[0].id).delete()
        with pytest.raises(EndUser.DoesNotExist):
            linking.issue_token(crew[0])
        assert EndUser.objects.filter(agent=agent).count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_token_used_by_two_at_once_links_one(agent: Agent, crew: list[EndUser]) -> None:
    token = linking.issue_token(crew[0])
    refused: list[LinkError] = []

    def bring(user: EndUser) -> None:
        try:
            linking.redeem(agent, token, user.id)
        except LinkError as error:
            refused.append(error)

    at_once(*(partial(bring, user) for user in crew[1:]))
    assert len(refused) == 2
    assert sum(person is not None for person in persons(crew)) == 2


@pytest.mark.django_db(transaction=True)
def test_linking_crosswise_at_once(agent: Agent, crew: list[EndUser]) -> None:
    ada, bert, cleo, dora = crew
    pairs = [(ada, bert), (dora, cleo), (bert, cleo), (dora, ada)]

    def link(one: EndUser, other: EndUser) -> None:
        linking.link(agent, one.id, other.id, "Olivia")

    at_once(*(partial(link, *pair) for pair in pairs))
    assert persons(crew) == [Person.objects.get().id] * 4
