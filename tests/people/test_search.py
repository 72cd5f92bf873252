"""Search finds users by any part, in any case and script; exact matches come first."""

import zoneinfo

import pytest
from django.db import transaction
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.record import record
from frontdesk.people.table import counting, search, traversal
from frontdesk.people.table.counting import count
from frontdesk.people.table.query import UsersPage, users_page
from frontdesk.people.table.users_query import UsersQuery
from tests.factories import make_agent, make_event


def page_of(agent: Agent, q: str, **more: str) -> UsersPage:
    data = QueryDict(mutable=True)
    data.update({"q": q, **more})
    query, problems = UsersQuery.parse(data, zoneinfo.ZoneInfo("UTC"))
    assert not problems
    return users_page(agent, query)


def found(agent: Agent, q: str, **more: str) -> list[str]:
    """The external ids of the users that are found, in their order."""
    return [user.external_id for user in page_of(agent, q, **more).rows]


@pytest.fixture(params=[10_000, 0], ids=["few users", "many users"])
def people(agent: Agent, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Agent:
    """People with many scripts; tested one by one, and by the trigram index as among many."""
    monkeypatch.setattr(counting, "BOUND", request.param)
    monkeypatch.setattr(search, "MAX_SCANNED", request.param)
    record(
        agent,
        [
            make_event(1, external_id="ada", name="Ada Lovelace", username="countess"),
            make_event(2, external_id="zoe", name="Zoë Élodie Müller", email="zoe@example.com"),
            make_event(3, external_id="ivan", name="Иван Петров"),
            make_event(4, external_id="fatima", name="فاطمة الزهراء"),
            make_event(5, external_id="wang", name="小王伟"),
            make_event(6, external_id="fox", name="Reynard 🦊"),
            make_event(7, external_id="percent", name="100% real_name"),
            make_event(8, external_id="quotes", name='O\'Brien "Bob" back\\slash'),
            make_event(9, external_id="hostile", name="<script>alert(1)</script>"),
        ],
    )
    other = make_agent("Bert")
    record(other, [make_event(external_id="other", name="Ada Zoë Иван 小王伟 🦊 100%")])
    return agent


@pytest.mark.parametrize(
    ("q", "who"),
    [
        ("lovelace", "ada"),
        ("OVELA", "ada"),
        ("countess", "ada"),
        ("@countess", "ada"),
        ("love ada", "ada"),
        ("zoe", "zoe"),
        ("ZOË", "zoe"),
        ("elodie", "zoe"),
        ("muller", "zoe"),
        ("@example.com", "zoe"),
        ("zoe@exam", "zoe"),
        ("петр", "ivan"),
        ("ИВАН", "ivan"),
        ("فاطمة", "fatima"),
        ("زهرا", "fatima"),
        ("王伟", "wang"),
        ("小王", "wang"),
        ("小", "wang"),
        ("🦊", "fox"),
        ("reynard 🦊", "fox"),
        ("100%", "percent"),
        ("00% real", "percent"),
        ("l_name", "percent"),
        ("o'b", "quotes"),
        ('"bob"', "quotes"),
        ("k\\sl", "quotes"),
        ("<script>", "hostile"),
        ("percent", "percent"),
    ],
)
def test_any_part_in_any_script_finds(people: Agent, q: str, who: str) -> None:
    assert found(people, q) == [who]


@pytest.mark.parametrize(
    "q", ["lovelaces", "ada petrov", "lov%ace", "l_velace", "%%%", "___", '" OR "', "NEAR(", "* *"]
)
def test_a_text_that_no_user_has_finds_no_one(people: Agent, q: str) -> None:
    assert found(people, q) == []


@pytest.mark.parametrize("q", ["", "   ", "\u200d", "\t\n", "\x00"])
def test_an_empty_search_lists_all_users(people: Agent, q: str) -> None:
    assert len(found(people, q)) == 9


@pytest.mark.parametrize("q", ['"', "'", "%", "_", "\\", "*", "(", ")", ":", "-", "^", "{"])
def test_characters_of_query_languages_are_literal(people: Agent, q: str) -> None:
    assert "ada" not in found(people, q)
    assert "ada" not in found(people, q * 3)


class TestShortTerms:
    """Of one and two letters, which no trigram index finds."""

    def test_they_are_found_anywhere(self, agent: Agent) -> None:
        record(agent, [make_event(0, external_id="1", name="Ada Bo")])
        for q in ("a", "d", "da", "b", "o", "A B", "da bo"):
            page = page_of(agent, q)
            assert [user.external_id for user in page.rows] == ["1"]
            assert (page.total, page.total_is_exact, page.only_beginnings) == (1, True, False)

    @pytest.mark.parametrize("bound", [10_000, 0])
    def test_of_many_users_only_beginnings_are_and_the_page_says_so(
        self, agent: Agent, bound: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record(agent, [make_event(0, external_id="1", name="Ada"), make_event(1, name="Bo Dario")])
        monkeypatch.setattr(search, "MAX_SCANNED", 1)
        monkeypatch.setattr(counting, "BOUND", bound)
        page = page_of(agent, "da")
        assert [user.name for user in page.rows] == ["Bo Dario"]
        assert (page.total_is_exact, page.only_beginnings) == (False, True)
        assert (
            count(agent, UsersQuery(q="da"))
            == len(traversal.by_id(agent, UsersQuery(q="da"), None, 9))
            == 1
        )

    def test_beside_a_longer_term_they_are_found_anywhere_among_many_users(
        self, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record(
            agent,
            [make_event(0, name="Ada Lovelace"), make_event(1, external_id="2", name="Lovelace")],
        )
        monkeypatch.setattr(search, "MAX_SCANNED", 0)
        for bound in (10_000, 0):
            monkeypatch.setattr(counting, "BOUND", bound)
            page = page_of(agent, "lovelace da")
            assert [user.name for user in page.rows] == ["Ada Lovelace"]
            assert not page.only_beginnings

    def test_exactly_as_many_users_as_are_tested(
        self, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record(agent, [make_event(0, external_id="1", name="Ada")])
        monkeypatch.setattr(search, "MAX_SCANNED", 1)
        assert not page_of(agent, "da").only_beginnings


hostile_names = st.lists(
    st.text(max_size=8)
    | st.sampled_from(
        [*"’‘“”‑–łøđıæœþħðß´ʼ@%_*\"'\\", "\u200b", "\u2060", "\u3164", "@@", "क़", "🏽", "\uf8ff"]
    ),
    min_size=1,
    max_size=12,
).map("".join)


@pytest.mark.parametrize("scanned", [10_000, 0], ids=["few users", "many users"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=hostile_names)
def test_users_are_found_by_their_own_name(agent: Agent, scanned: int, name: str) -> None:
    """By the name as it was reported, and by the name as the page shows it."""
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "MAX_SCANNED", scanned)
        patch.setattr(counting, "BOUND", scanned)
        record(agent, [make_event(0, external_id="it", name=name), make_event(external_id="other")])
        user = EndUser.objects.get(agent=agent, external_id="it")
        for typed in (name, user.label) if user.name else (user.label,):
            assert "it" in found(agent, typed.replace("\0", " "))
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "name", ["O’Brien", "Jean‑Luc", "Anna B Smith", "@ab", "A\u200bda", "Łukasz – x"]
)
@pytest.mark.parametrize("scanned", [10_000, 0])
def test_names_with_signs_are_found(
    agent: Agent, name: str, scanned: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MAX_SCANNED", scanned)
    monkeypatch.setattr(counting, "BOUND", scanned)
    record(agent, [make_event(0, external_id="it", name=name)])
    assert found(agent, name) == ["it"]


def test_a_generated_label_is_found(agent: Agent) -> None:
    record(agent, [make_event(external_id="anonymous-1")])
    (user,) = page_of(agent, "").rows
    assert found(agent, user.label) == ["anonymous-1"]


def test_the_search_goes_together_with_filters(people: Agent) -> None:
    assert found(people, "lovelace", platform="telegram") == ["ada"]
    assert found(people, "lovelace", platform="web") == []


class TestOrder:
    @pytest.fixture(autouse=True)
    def _similar(self, agent: Agent) -> None:
        """`42` wrote before all other users, whose names or ids contain a 42."""
        record(agent, [make_event(0, external_id="42", name="Exact")])
        record(agent, [make_event(n, external_id=f"9{n}42", name=f"N{n}") for n in range(1, 30)])

    @pytest.mark.parametrize("bound", [10_000, 5])
    def test_an_exact_id_comes_before_the_sort(
        self, agent: Agent, bound: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record(agent, [make_event(n, external_id=f"42{n}", name=f"M{n}") for n in range(100, 130)])
        monkeypatch.setattr(counting, "BOUND", bound)
        monkeypatch.setattr(search, "MAX_SCANNED", 0)
        pages = [found(agent, "42", page=str(n)) for n in (1, 2)]
        assert pages[0][0] == "42"
        assert len(pages[0]) == 20
        assert len({*pages[0], *pages[1]}) == len(pages[0]) + len(pages[1]) == 31

    def test_so_do_an_exact_username_and_an_exact_email(self, agent: Agent) -> None:
        record(agent, [make_event(-9, external_id="u", username="Grace", email="Hop@example.com")])
        record(
            agent,
            [
                make_event(n, external_id=f"g{n}", name="Grace Khan", email=f"{n}hop@example.com")
                for n in range(5)
            ],
        )
        assert found(agent, "grace")[0] == "u"
        assert found(agent, "@Grace")[0] == "u"
        assert found(agent, "hop@example.com")[0] == "u"

    def test_the_id_that_addresses_show_is_one(self, agent: Agent) -> None:
        user = page_of(agent, "exact").rows[0]
        assert found(agent, str(user.id)) == ["42"]

    def test_filters_apply_to_it_too(self, agent: Agent) -> None:
        assert "42" not in found(agent, "42", platform="web")

    def test_its_total_counts_it_once(self, agent: Agent) -> None:
        assert page_of(agent, "42").total == 30
