"""One person's data as a zip: everything that is stored, readable, and of no one else."""

import datetime as dt
import io
import json
import random
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.reachability import set_reachable
from frontdesk.ledger.reactions import set_member_reaction, set_reaction
from frontdesk.people import actions
from frontdesk.people.exports import archive
from tests.factories import NOON, make_agent, make_conversation, make_group_answer, make_user

XSS = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"


def unzipped(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert found.testzip() is None
        return {name: found.read(name).decode() for name in found.namelist()}


def archived(agent: Agent, user: EndUser) -> dict[str, str]:
    return unzipped(b"".join(archive.stream(agent, user)))


def read(files: dict[str, str], name: str) -> Any:
    return json.loads(files[name])


def test_everything_is_in_it_in_the_order_of_time(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "STEP", 4)
    make_user(agent, "Stranger", text="Not to be found")
    user = make_conversation(agent, 10, every=20)
    actions.assign_attributes(SYSTEM, agent, user.id, {"city": "Oslo"})
    for hour, reachable in enumerate((False, True, False)):
        at = NOON + dt.timedelta(hours=hour)
        cause = "uses the bot again" if reachable else "blocked the bot"
        set_reachable(agent, user.id, reachable=reachable, at=at, cause=cause)
    answer = Message.objects.get(end_user=user, text="Message 002")
    assert set_reaction(agent, user.id, answer.id, "👍", NOON)
    user.refresh_from_db()
    files = archived(agent, user)
    assert list(files) == [
        "index.html", "profile.json", "sessions.json", "messages.json", "reactions.json",
        "reachability.json",
    ]  # fmt: skip
    assert read(files, "profile.json")["attributes"] == {"city": "Oslo"}
    assert read(files, "profile.json")["unreachableCause"] == "blocked the bot"
    assert [c["reachable"] for c in read(files, "reachability.json")] == [False, True, False]
    assert [m["text"] for m in read(files, "messages.json")] == [
        f"Message {n:03}" for n in range(1, 11)
    ]
    assert sum(s["messages"] for s in read(files, "sessions.json")) == 10
    assert [m["reaction"] for m in read(files, "messages.json")][:3] == ["", "👍", ""]
    assert files["index.html"].count("<article>") == 10
    assert files["index.html"].count("Reaction: 👍") == 1
    assert "Not to be found" not in "".join(files.values())


def test_many_messages_of_one_moment_are_all_in_it(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "STEP", 3)
    user = make_conversation(agent, 10, every=0)
    texts = [m["text"] for m in read(archived(agent, user), "messages.json")]
    assert sorted(texts) == [f"Message {n:03}" for n in range(1, 11)]


def test_a_person_has_a_folder_for_each_identity(agent: Agent) -> None:
    web = make_user(agent, "Ada", platform="web", text="from the web")
    telegram = make_user(agent, "Ada", platform="telegram", text="from Telegram")
    actions.link(SYSTEM, agent, web.id, telegram.id)
    web.refresh_from_db()
    files = archived(agent, web)
    assert "from the web" in files["1-web/messages.json"]
    assert "from Telegram" in files["2-telegram/index.html"]
    assert len(files) == 12


def test_operators_notes_and_reasons_are_not_in_it(agent: Agent) -> None:
    user = make_user(agent, "Ada")
    actions.add_note(SYSTEM, agent, user, "A private remark")
    actions.block(SYSTEM, agent, [user.id], reason="A reason", until=None, note="A private note")
    content = "".join(archived(agent, user).values())
    for words in ("A private remark", "A reason", "A private note"):
        assert words not in content


def test_the_page_is_never_markup_of_the_person(agent: Agent) -> None:
    user = make_user(
        agent, XSS, external_id=XSS, username=XSS[:60], text=XSS, tags=[XSS[:60]],
        attributes={XSS: XSS}, plan=XSS[:60], model=XSS[:60],
    )  # fmt: skip
    page = archived(agent, user)["index.html"]
    assert "<img" not in page
    assert "<script" not in page
    assert "&lt;img" in page


def test_it_is_sent_piece_by_piece(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "STEP", 2)
    monkeypatch.setattr(archive, "_PIECE", 1_000)
    for minutes in range(12):  # of texts that cannot be compressed
        user = make_user(agent, "Ada", minutes, text=random.Random(minutes).randbytes(5_000).hex())
    pieces = list(archive.stream(agent, user))
    assert len(pieces) > 5
    assert unzipped(b"".join(pieces))


def test_it_is_downloaded_for_a_user_of_the_agent(signed_in: Client, agent: Agent) -> None:
    user = make_user(agent, "Ada")
    answer = signed_in.get(f"/agents/{agent.id}/users/{user.id}/data.zip")
    assert answer["Content-Type"] == "application/zip"
    assert "profile.json" in unzipped(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    other = make_agent("Bob")
    assert signed_in.get(f"/agents/{other.id}/users/{user.id}/data.zip").status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has no pool to run dry")
def test_no_connection_is_held_while_a_piece_is_sent(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_PIECE", 1)
    stream = archive.stream(agent, make_user(agent, "Ada"))
    for _ in stream:
        assert connection.connection is None


def test_reactions_in_groups_are_in_both_archives_without_the_other_person(agent: Agent) -> None:
    answer, asker, member = make_group_answer(agent)
    set_member_reaction(agent, member.id, (asker.id, answer.id), "❤", NOON)
    asked, reacted = archived(agent, asker), archived(agent, member)
    assert [m["memberReactions"] for m in read(asked, "messages.json")] == [{}, {"❤": 1}]
    assert str(member.id) not in "".join(asked.values())
    assert read(reacted, "reactions.json") == [
        {"answerId": str(answer.id), "reaction": "❤", "reactedAt": "2026-10-14T12:00:00Z"}
    ]
    assert str(asker.id) not in "".join(reacted.values())
