"""Reading users and their messages through the API."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from frontdesk.agents.models import Agent
from frontdesk.api import reading
from frontdesk.core.sql.budget import TooSlowError
from frontdesk.ledger.linking import link
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.reactions import set_member_reaction, set_reaction
from frontdesk.ledger.record import record
from tests.factories import NOON, make_agent, make_event, make_group_answer

Get = Callable[..., Any]


def names(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [user["name"] for user in response.json()["users"]]


@pytest.fixture
def people(agent: Agent) -> Agent:
    """Ann (web, wrote once), Bob (telegram, wrote twice), Cid (telegram, was only written to)."""
    record(
        agent,
        [
            make_event(0, platform="web", external_id="a", name="Ann", language="de"),
            make_event(5, external_id="b", name="Bob", email="bob@example.com"),
            make_event(6, external_id="b", cost=4200),
            make_event(9, external_id="c", role="agent", name="Cid"),
        ],
    )
    return agent


def test_a_user_has_all_the_figures_of_the_page(people: Agent, get: Get) -> None:
    bob = get("/users", q="bob").json()["users"][0]

    assert bob == {
        "id": str(EndUser.objects.get(name="Bob").id),
        "externalId": "b",
        "platform": "telegram",
        "name": "Bob",
        "username": "",
        "email": "bob@example.com",
        "language": "",
        "avatarUrl": "",
        "plan": "",
        "subscription": None,
        "planUntil": None,
        "tags": [],
        "assignedTags": [],
        "blocked": None,
        "unreachableSince": None,
        "unreachableCause": "",
        "personId": None,
        "firstSeen": "2026-10-14T12:05:00Z",
        "lastMessage": "2026-10-14T12:06:00Z",
        "totalSessions": 1,
        "totalChatMessages": 2,
        "totalMessagesSent": 2,
        "userCost": 4200,
        "unpricedMessages": 0,
        "failedMessages": 0,
        "activeDays": 1,
    }


def test_a_user_who_has_never_written_has_no_last_message(people: Agent, get: Get) -> None:
    assert get("/users/telegram:c").json()["lastMessage"] is None


def test_the_list_is_sorted_filtered_searched_and_paged(people: Agent, get: Get) -> None:
    assert names(get("/users")) == ["Bob", "Ann", "Cid"]
    assert names(get("/users", sort="name")) == ["Ann", "Bob", "Cid"]
    assert names(get("/users", sort="-cost", page_size=1)) == ["Bob"]
    assert names(get("/users", platform=["web", "telegram"], sort="name")) == ["Ann", "Bob", "Cid"]
    assert names(get("/users", platform="web")) == ["Ann"]
    assert names(get("/users", language="de")) == ["Ann"]
    assert names(get("/users", sent_min=1, sent_max=1)) == ["Ann"]
    assert names(get("/users", last_from="2026-10-15")) == []
    assert names(get("/users", q="EXAMPLE.com")) == ["Bob"]


def test_the_persons_among_the_users_are_counted(people: Agent, get: Get) -> None:
    assert get("/users").json()["persons"] == 3
    one, other = EndUser.objects.filter(agent=people).order_by("name")[:2]
    link(people, one.id, other.id, "olivia")
    assert get("/users").json()["persons"] == 2
    assert get("/users", q=one.name).json()["persons"] == 1  # the other one does not match
    assert get("/users", status="linked").json()["persons"] == 1
    assert get("/users", q=str(one.id)).json()["persons"] == 1


def test_the_total_says_whether_it_is_exact(people: Agent, get: Get) -> None:
    body = get("/users", page_size=2).json()

    assert (body["page"], body["pageSize"], body["total"]) == (1, 2, 3)
    assert body["totalIsExact"] is True


def test_a_page_past_the_end_is_empty_so_that_a_walk_ends(people: Agent, get: Get) -> None:
    assert len(names(get("/users", page=2, page_size=2))) == 1
    assert names(get("/users", page=3, page_size=2)) == []
    assert names(get("/users", page=9, q="bob")) == []


def test_the_pages_together_have_every_user_once(agent: Agent, get: Get) -> None:
    record(agent, [make_event(external_id=str(i)) for i in range(23)])

    pages = [get("/users", page=n, page_size=5, sort="name").json()["users"] for n in range(1, 6)]

    ids = [user["id"] for page in pages for user in page]
    assert len(ids) == len(set(ids)) == 23


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", "0"),
        ("page", "x"),
        ("page_size", "251"),
        ("page_size", "-1"),
        ("sort", "color"),
        ("platform", "Not A Slug"),
        ("last", "yesterday"),
        ("last_from", "soon"),
        ("seen_to", "2026-13-01"),
        ("sessions_min", "-1"),
        ("sent_max", "1.5"),
        ("q", "x" * 201),
        ("pagesize", "20"),
    ],
)
def test_a_bad_parameter_is_422_and_named(people: Agent, get: Get, name: str, value: str) -> None:
    response = get("/users", **{name: value})

    assert response.status_code == 422
    error = response.json()["error"]
    assert (error["code"], error["where"]) == ("invalid_parameter", name)
    assert error["message"].startswith(f"{name}: ")


def test_a_misspelled_parameter_gets_a_hint(people: Agent, get: Get) -> None:
    message = get("/users", platfrom="web").json()["error"]["message"]

    assert message.endswith("did you mean platform?")


@pytest.mark.parametrize(
    "q", ["\0", "a\0b", "%", "_", "'", '"', '" OR 1', "\\", "*", "(", "🦊", "王"]
)
def test_no_search_breaks_the_list(people: Agent, get: Get, q: str) -> None:
    assert get("/users", q=q).status_code == 200


def test_a_list_that_takes_too_long_is_422(
    people: Agent, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(*args: object) -> None:
        raise TooSlowError

    monkeypatch.setattr(reading, "users_page", too_slow)

    response = get("/users")

    assert (response.status_code, response.json()["error"]["code"]) == (422, "too_slow")


def test_a_user_is_found_by_id_and_by_platform_and_external_id(agent: Agent, get: Get) -> None:
    for external_id in ("7", "a/b c", "x:y", "ü/messages/1"):
        record(agent, [make_event(external_id=external_id, attributes={"vip": True})])
    user = EndUser.objects.get(external_id="7")

    by_id = get(f"/users/{user.id}")

    assert by_id.json()["attributes"] == {"vip": True}
    assert get("/users/telegram:7").json() == by_id.json()
    assert get(f"/users/{str(user.id).upper()}").json() == by_id.json()
    for external_id in ("a/b c", "x:y", "ü/messages/1"):
        assert get(f"/users/telegram:{external_id}").json()["externalId"] == external_id
        assert len(get(f"/users/telegram:{external_id}/messages").json()["messages"]) == 1


@pytest.mark.parametrize("user", ["x", "web:nobody", str(uuid.UUID(int=1)), ":", "7\0", "web:\0"])
def test_an_unknown_user_is_404(people: Agent, get: Get, user: str) -> None:
    for path in (f"/users/{user}", f"/users/{user}/messages"):
        response = get(path)
        assert response.status_code == 404
        assert response.json()["error"]["where"] == "user"


def test_a_user_of_another_agent_is_404(agent: Agent, get: Get) -> None:
    stranger = make_agent("Stranger")
    record(stranger, [make_event()])

    user = EndUser.objects.get(agent=stranger)

    assert get(f"/users/{user.id}").status_code == 404
    assert get(f"/users/{user.id}/messages").status_code == 404


def walk(get: Get, path: str, limit: int) -> Iterator[dict[str, Any]]:
    cursor = ""
    while cursor is not None:
        page = get(path, limit=limit, **({"cursor": cursor} if cursor else {})).json()
        yield from page["messages"]
        assert len(page["messages"]) <= limit
        cursor = page["next"]


@pytest.mark.parametrize("limit", [1, 3, 7, 8, 250])
def test_the_pages_have_each_message_once_newest_first(agent: Agent, get: Get, limit: int) -> None:
    # Many at the same moment, and some a microsecond apart.
    record(
        agent, [make_event(minutes, text=str(i)) for i, minutes in enumerate([0, 0, 0, 5, 5, 9])]
    )
    tick = dt.timedelta(microseconds=1)
    record(agent, [make_event(time=NOON + tick * i, text=f"t{i}") for i in range(1, 3)])

    seen = list(walk(get, "/users/telegram:1001/messages", limit))

    assert len({message["id"] for message in seen}) == len(seen) == Message.objects.count() == 8
    times = [dt.datetime.fromisoformat(message["time"]) for message in seen]
    assert times == sorted(times, reverse=True)


def test_the_pages_are_not_affected_by_new_messages(agent: Agent, get: Get) -> None:
    record(agent, [make_event(i, text=str(i)) for i in range(4)])

    steps = walk(get, "/users/telegram:1001/messages", 2)
    seen = [next(steps)["text"], next(steps)["text"]]
    record(agent, [make_event(60, text="new")])
    seen += [message["text"] for message in steps]

    assert seen == ["3", "2", "1", "0"]


def test_a_message_has_its_text_usage_and_session(agent: Agent, get: Get) -> None:
    record(
        agent,
        [
            make_event(
                role="agent",
                text="Hi 🦊",
                session_id="s1",
                chat="c1",
                model="no-such-model",
                input_tokens=7,
                output_tokens=3,
                latency_ms=1830,
                error="Out of memory",
                time=NOON + dt.timedelta(microseconds=5),
            )
        ],
    )

    message = get("/users/telegram:1001/messages").json()["messages"][0]

    assert message == {
        "id": str(Message.objects.get().id),
        "role": "agent",
        "time": "2026-10-14T12:00:00.000005Z",
        "text": "Hi 🦊",
        "sessionId": "s1",
        "chat": "c1",
        "editedAt": None,
        "model": "no-such-model",
        "inputTokens": 7,
        "outputTokens": 3,
        "cachedTokens": None,
        "cost": None,
        "latencyMs": 1830,
        "failed": True,
        "error": "Out of memory",
        "blanked": False,
        "reaction": "",
        "reactedAt": None,
        "memberReactions": {},
    }


def test_an_answer_has_its_reactions(agent: Agent, get: Get) -> None:
    answer, asker, member = make_group_answer(agent)
    set_reaction(agent, asker.id, answer.id, "👍", NOON)
    set_member_reaction(agent, member.id, (asker.id, answer.id), "❤ [custom emoji 53]", NOON)
    found, question = get("/users/telegram:asker/messages").json()["messages"]
    assert (found["reaction"], found["reactedAt"]) == ("👍", "2026-10-14T12:00:00Z")
    assert found["memberReactions"] == {"❤": 1, "[custom emoji 53]": 1}
    assert (question["reaction"], question["memberReactions"]) == ("", {})


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "====",
        "MjAyNi0wMS0wMQ",
        # 0001-01-01T00:00:00+23:00|…: a time that does not exist in UTC
        "MDAwMS0wMS0wMVQwMDowMDowMCsyMzowMHwwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA",
        "A" * 5000,
        "\0",
    ],
)
def test_a_forged_cursor_is_422(people: Agent, get: Get, cursor: str) -> None:
    response = get("/users/telegram:b/messages", cursor=cursor)

    assert response.status_code == 422
    assert response.json()["error"]["where"] == "cursor"


@pytest.mark.parametrize("limit", ["0", "251", "x", ""])
def test_a_bad_limit_is_422(people: Agent, get: Get, limit: str) -> None:
    response = get("/users/telegram:b/messages", limit=limit)

    assert (response.status_code, response.json()["error"]["where"]) == (422, "limit")


def test_reading_costs_the_same_queries_however_many_rows(agent: Agent, get: Get) -> None:
    record(agent, [make_event(i, external_id=str(i % 30)) for i in range(90)])
    get("/users")  # records the key's last use

    def queries(path: str, **query: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert get(path, **query).status_code == 200
        return len(captured)

    assert queries("/users", page_size=30) == queries("/users", page_size=1) <= 14
    messages = "/users/telegram:1/messages"
    assert queries(messages, limit=3) == queries(messages, limit=1) == 3  # key, user, messages
