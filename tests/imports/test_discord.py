"""Channels of Discord, as DiscordChatExporter writes them."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.report import Report
from frontdesk.ledger import imports
from frontdesk.ledger.models import EndUser, Import, Message
from tests.imports.exports import reasons, recorded
from tests.imports.running import run_import

Json = dict[str, Any]


def author(id_: str, name: str, nickname: str, *, is_bot: bool = False) -> Json:
    return {
        "id": id_,
        "name": name,
        "discriminator": "0000",
        "nickname": nickname,
        "color": None,
        "isBot": is_bot,
        "roles": [],
        "avatarUrl": f"https://cdn.discordapp.com/avatars/{id_}/a.png",
    }


ALICE = author("111", "alice_w", "Alice")
BOB = author("222", "bob", "Bob")
BOT = author("999", "helper", "Helper", is_bot=True)
MUSIC = author("888", "music", "Music", is_bot=True)


def message(number: int, sender: Json, content: str = "Hello", **fields: Any) -> Json:
    """A message that was sent `number` minutes after ten."""
    return {
        "id": str(1_100_000_000_000_000_000 + number),
        "type": "Default",
        "timestamp": f"2024-01-15T10:{number:02}:00.123+01:00",
        "timestampEdited": None,
        "callEndedTimestamp": None,
        "isPinned": False,
        "content": content,
        "author": sender,
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
        "inlineEmojis": [],
        **fields,
    }


def reply(number: int, sender: Json, to: int, **fields: Any) -> Json:
    reference = {"messageId": message(to, sender)["id"], "channelId": "500", "guildId": "1"}
    return message(number, sender, **{"type": "Reply", "reference": reference, **fields})


def channel(*messages: Any, **head: Any) -> Json:
    about = {"id": "500", "type": "GuildTextChat", "categoryId": "400", "name": "help", **head}
    return {
        "guild": {"id": "1", "name": "Ada's", "iconUrl": "https://cdn.discordapp.com/i.png"},
        "channel": about,
        "dateRange": {"after": None, "before": None},
        "exportedAt": "2024-02-01T00:00:00+00:00",
        "messages": list(messages),
        "messageCount": len(messages),
    }


def run(agent: Agent, folder: Path, export: object, **options: Any) -> tuple[Report, str]:
    file = folder / "channel.json"
    file.write_bytes(export if isinstance(export, bytes) else json.dumps(export).encode())
    return run_import(agent, file, "discord", **options)


def test_an_answer_belongs_to_the_user_it_replies_to(agent: Agent, tmp_path: Path) -> None:
    export = channel(
        message(1, ALICE, "One"),
        message(2, BOB, "Two"),
        reply(3, BOT, 1, content="To Alice"),
        reply(4, BOT, 3, content="To Alice too"),
        message(5, ALICE, "Three"),
        message(6, BOT, "To the last"),
        message(7, BOT, "To Bob's command", type="20", interaction={"id": "7", "user": BOB}),
    )
    report, notes = run(agent, tmp_path, export)
    assert recorded(agent) == [
        ("111", "user", "One"),
        ("222", "user", "Two"),
        ("111", "agent", "To Alice"),
        ("111", "agent", "To Alice too"),
        ("111", "user", "Three"),
        ("111", "agent", "To the last"),
        ("222", "agent", "To Bob's command"),
    ]
    user = EndUser.objects.get(external_id="111")
    assert (user.platform, user.name, user.username) == ("discord", "Alice", "alice_w")
    assert user.avatar_url.startswith("https://cdn.discordapp.com/avatars/111")
    assert set(Message.objects.values_list("chat", flat=True)) == {"500"}
    assert "The agent is “Helper” (user999); guessed, because it is a bot" in notes
    again, _ = run(agent, tmp_path, export)
    assert (report.tally.recorded, again.tally.recorded, again.tally.duplicates) == (7, 0, 7)
    assert Import.objects.filter(format="discord").count() == 2


def test_a_thread_is_a_dialogue_and_direct_messages_are_private(
    agent: Agent, tmp_path: Path
) -> None:
    run(agent, tmp_path, channel(message(1, ALICE), message(2, BOT), type="GuildPublicThread"))
    assert set(Message.objects.values_list("chat", flat=True)) == {"400/500"}
    direct = channel(message(3, BOT, "Welcome"), message(4, BOB), type="DirectTextChat", id="600")
    run(agent, tmp_path, direct)
    assert list(Message.objects.filter(chat="").order_by("sent_at").values_list("role")) == [
        ("agent",),
        ("user",),
    ]


def test_contents_of_every_kind(agent: Agent, tmp_path: Path) -> None:
    embed = {
        "title": "Plan",
        "url": None,
        "description": "All good",
        "fields": [{"name": "Price", "value": "5"}, 7],
    }
    preview = {"title": "Example", "url": "https://example.com", "description": "A page"}
    run(
        agent,
        tmp_path,
        channel(
            message(1, ALICE, "See https://example.com", embeds=[preview]),
            message(2, ALICE, "", attachments=[{"fileName": "a b.pdf"}], stickers=[{"name": "Hi"}]),
            message(3, BOT, "", embeds=[embed]),
            message(4, ALICE, "", forwardedMessage={"content": "Old", "forwardedMessage": {}}),
        ),
    )
    assert [text for _, _, text in recorded(agent)] == [
        "See https://example.com",
        "[file a b.pdf]\n[sticker Hi]",
        "Plan\nAll good\nPrice: 5",
        "[forwarded]\nOld",
    ]


def test_an_edit_is_one(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, channel(message(1, ALICE, "Helo"), message(2, BOT)))
    edited = message(1, ALICE, "Hello", timestampEdited="2024-01-15T12:00:00+01:00")
    report, _ = run(agent, tmp_path, channel(edited, message(2, BOT)))
    assert report.tally.recorded == 1
    first = Message.objects.get(role="user")
    assert (first.text, first.edited_at is not None) == ("Hello", True)


def test_other_bots_and_service_messages_are_skipped(agent: Agent, tmp_path: Path) -> None:
    export = channel(
        message(1, ALICE),
        message(2, MUSIC),
        message(3, BOT),
        message(4, BOB, type="GuildMemberJoin"),
    )
    with pytest.raises(ImportFileError, match=r"more than one is a bot.*“Music”.*“Helper”"):
        run(agent, tmp_path, export)
    report, _ = run(agent, tmp_path, export, bot="helper")
    assert [user for user, _, _ in recorded(agent)] == ["111", "111"]
    assert reasons(report.tally.skipped) == "from another bot | service message"


def test_a_channel_without_a_bot_asks(agent: Agent, tmp_path: Path) -> None:
    export = channel(message(1, ALICE), message(2, BOB, "Yes?"))
    with pytest.raises(ImportFileError, match=r"no one is a bot.*--bot"):
        run(agent, tmp_path, export)
    run(agent, tmp_path, export, bot="222")
    assert recorded(agent) == [("111", "user", "Hello"), ("111", "agent", "Yes?")]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"<html>", "not an export of DiscordChatExporter"),
        (b"[]", "not an export of DiscordChatExporter"),
        (b'{"messages": [], "channel": {}}', "or it has no messages"),
        (b'{"messages": [{"id": "1"}]}', "with “channel” and “messages”"),
        (b'{"channel": {"id": "5"}, "messages": [' + b"[" * 100_000, "ends in the middle"),
        (b'{"messages": [' + b"1" * 5_000, "more than 4,200 digits"),
        (
            json.dumps(channel(message(2, ALICE), message(1, BOT))).encode(),
            "newest messages first",
        ),
    ],
)
def test_other_files_are_refused(
    agent: Agent, tmp_path: Path, content: bytes, problem: str
) -> None:
    with pytest.raises(ImportFileError, match=problem):
        run(agent, tmp_path, content)
    assert not Import.objects.exists()


def test_messages_that_cannot_be_read_are_named(agent: Agent, tmp_path: Path) -> None:
    bad = message(3, ALICE, timestamp="yesterday")
    export = channel(message(1, ALICE), message(2, BOT), bad, 7, {"id": "8"}, message(4, BOT))
    report, _ = run(agent, tmp_path, export)
    assert report.tally.recorded == 3
    assert report.tally.rejected["a message without an author"].examples == [
        "record 4",
        "message 8",
    ]
    assert any("timestamp: yesterday is not a time" in reason for reason in report.tally.rejected)


def test_gzip_a_dry_run_and_undo(agent: Agent, tmp_path: Path) -> None:
    content = gzip.compress(json.dumps(channel(message(1, ALICE), message(2, BOT))).encode())
    dry, _ = run(agent, tmp_path, content, dry_run=True)
    assert (dry.tally.recorded, Message.objects.count()) == (2, 0)
    report, _ = run(agent, tmp_path, content)
    assert report.import_id
    imports.undo(SYSTEM, report.import_id)
    assert not Message.objects.exists()
