"""Search keys: folding, and the trigrams that they are designed for."""

import uuid

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.core.folding import normalize
from frontdesk.ledger import search_index
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.record import record
from frontdesk.ledger.recount import check, recount
from frontdesk.ledger.search_key import search_key, sort_name
from tests.factories import make_event

ID = uuid.UUID("0f0e0d0c-0b0a-4908-8706-050403020100")


def key(name: str = "", username: str = "", email: str = "", external_id: str = "") -> str:
    return search_key(ID, name, username, email, external_id)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("", ""),
        ("  Ada   Lovelace ", "ada lovelace"),
        ("ÉLODIE", "elodie"),
        ("E\u0301lodie", "elodie"),
        ("Straße", "strasse"),
        ("ПЁТР", "петр"),
        ("Ａｄａ", "ada"),  # full width
        ("ﬁnn", "finn"),
        ("\u202eAda\u200b", "ada"),
        ("İpek", "ipek"),
        ("مُحَمَّد", "محمد"),
        ("王伟", "王伟"),
        ("🦊", "u1f98a"),
        ("Ada🦊Fox", "ada u1f98a fox"),
        ("👍🏽", "u1f44d"),  # whatever the skin's tone
        ("100%_'\"", "100%_'\""),
        ("Łukasz Søren Đorđe", "lukasz soren dorde"),
        ("Yıldız İpek", "yildiz ipek"),
        ("Æsir Œuvre Þór Ħamrun Ðóra", "aesir oeuvre thor hamrun dora"),
        ("ƀɓ ŧ ᴀᴅᴀ", "bb t ada"),
        ("O’Brien O‘Brien OʼBrien O´Brien", "o'brien " * 3 + "o'brien"),
        ("“Bob” „Bob“ «Bob»", '"bob" "bob" "bob"'),
        ("Jean‑Luc Jean–Luc Jean−Luc Jean—Luc", "jean-luc " * 3 + "jean-luc"),
        ("A\u200bd\u2060a\ufeff\u00ad", "ada"),
        ("A\u3164d\uffa0a\u2800B", "ada b"),
        ("привет ґанок", "привет ґанок"),
    ],
)
def test_folding(typed: str, folded: str) -> None:
    assert normalize(typed) == folded


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@given(st.text(max_size=40))
def test_folding_leaves_single_spaces_and_no_control_characters(text: str) -> None:
    folded = normalize(text)
    assert folded == " ".join(folded.split())
    assert "\0" not in folded


def test_every_field_begins_after_two_spaces_and_every_word_after_one() -> None:
    made = key("Ada Lovelace", "ada", "ada@example.com", "tg-1001")
    assert made.startswith("  ada lovelace  ada  ada@example.com  tg-1001")


def test_a_user_without_a_name_is_found_by_the_label_that_is_shown() -> None:
    label = EndUser(id=ID).label
    assert key(external_id="7").startswith(f"  {normalize(label)}  7")
    assert sort_name(ID, "", "") == normalize(label)


@pytest.mark.parametrize("name", ["小王伟", "Ada 小王伟", "Ada小王伟", "ひらがな", "王伟"])
def test_the_start_of_any_suffix_of_unspaced_script_is_the_start_of_a_word(name: str) -> None:
    made = key(name)
    unspaced = "".join(sign for sign in name if ord(sign) > 0x3000)
    for start in range(len(unspaced)):
        assert f" {normalize(unspaced[start : start + 2])}" in made


names = st.text(max_size=30)


@given(names, names, st.text(min_size=1, max_size=30))
def test_a_part_of_a_name_is_a_part_of_the_key(name: str, username: str, external_id: str) -> None:
    made = key(name, username, "", external_id)
    for field in (name, username, external_id):
        assert normalize(field) in made


def test_the_index_holds_every_users_key(agent: Agent) -> None:
    record(agent, [make_event(0, name="Ada"), make_event(1, external_id="2", username="bob")])
    record(agent, [make_event(2, name="Ada Lovelace"), make_event(3, external_id="3")])
    record(agent, [make_event(4, external_id="3", email="c@example.com")])
    users = EndUser.objects.filter(agent=agent)
    with connection.cursor() as cursor:
        cursor.execute("SELECT end_user_id, search_key FROM ledger_search")
        indexed = {uuid.UUID(str(user_id)): text for user_id, text in cursor.fetchall()}
    assert indexed == {
        user.id: search_key(user.id, user.name, user.username, user.email, user.external_id)
        for user in users
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["Łukasz", "’Ada‑Lu’", "Søren 🦊"])
def test_a_recount_folds_what_an_earlier_version_left(agent: Agent, name: str) -> None:
    record(agent, [make_event(0, name=name)])
    user = EndUser.objects.get(agent=agent)
    expected = user.search_key, user.sort_name
    EndUser.objects.update(search_key=f"  {name.lower()}  old", sort_name=name.lower())
    search_index.put([(user.id, f"  {name.lower()}  old")], set())
    assert [str(each) for each in check(agent)] == [
        "user telegram:1001, search: is not found by the present texts"
    ]
    recount(agent)
    user.refresh_from_db()
    assert (user.search_key, user.sort_name) == expected
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_key FROM ledger_search")
        assert cursor.fetchall() == [(expected[0],)]
    assert check(agent) == []


def test_names_are_sorted_beside_those_that_look_alike(agent: Agent) -> None:
    names = ["Lukas", "Łukasz", "Luke", "Zoe", "Ørsted", "Oskar"]
    record(agent, [make_event(n, external_id=str(n), name=name) for n, name in enumerate(names)])
    ordered = EndUser.objects.filter(agent=agent).order_by("sort_name").values_list("name")
    assert [name for (name,) in ordered] == ["Lukas", "Łukasz", "Luke", "Ørsted", "Oskar", "Zoe"]


@pytest.mark.parametrize("name", ["\u3164", "\u2800\u2800", "\u0301", "\u200b"])
def test_a_name_that_shows_nothing_is_none(agent: Agent, name: str) -> None:
    record(agent, [make_event(0, name=name, username=name)])
    user = EndUser.objects.get(agent=agent)
    assert (user.name, user.username, user.is_anonymous_person) == ("", "", True)
    assert user.sort_name == normalize(user.label)


@pytest.mark.django_db(transaction=True)
def test_a_recount_removes_a_name_that_shows_nothing(agent: Agent) -> None:
    record(agent, [make_event(0)])
    label = EndUser.objects.get(agent=agent).label
    EndUser.objects.update(name="\u3164", search_key="  x", sort_name="")
    recount(agent)
    user = EndUser.objects.get(agent=agent)
    assert (user.name, user.label, user.sort_name) == ("", label, normalize(label))
