"""What is recorded of a message: text, time, id, profile; and entries that are not messages."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser, Message
from tests.imports.exports import ALICE, BOT, ME, START, account, chat, group, message, reasons, run


def only_text(agent: Agent, folder: Path, text: Any, **fields: Any) -> str:
    run(agent, folder, chat(message(ALICE, text, **fields)))
    return Message.objects.get().text


@pytest.mark.parametrize(
    ("text", "recorded"),
    [
        ("Hello\nthere ", "Hello\nthere "),
        (
            ["See ", {"type": "link", "text": "https://example.org"}, " ok"],
            "See https://example.org ok",
        ),
        ([{"type": "custom_emoji", "text": "🙂", "document_id": "x"}], "🙂"),
        ([], ""),
        (None, ""),
        ({"type": "bold", "text": "Bold"}, "Bold"),
        (5, "5"),
        (["a", None, 7, True, {"text": None}, ["nested"]], "a7"),
        ("a\0b", "a\ufffdb"),
    ],
)
def test_texts_in_every_shape(agent: Agent, tmp_path: Path, text: Any, recorded: str) -> None:
    assert only_text(agent, tmp_path, text) == recorded


def test_a_missing_text_is_read_from_its_entities(agent: Agent, tmp_path: Path) -> None:
    entities = [{"type": "plain", "text": "from "}, {"type": "bold", "text": "parts"}]
    without = message(ALICE, text_entities=entities)
    del without["text"]
    run(agent, tmp_path, chat(without))
    assert Message.objects.get().text == "from parts"


@pytest.mark.parametrize(
    ("fields", "recorded"),
    [
        ({"photo": "photos/1.jpg"}, "[photo] Look"),
        ({"photo": "(File not included.)", "width": 1}, "[photo] Look"),
        ({"media_type": "sticker", "file": "s.webp", "sticker_emoji": "🙂"}, "[sticker 🙂] Look"),
        ({"media_type": "sticker", "file": "s.webp"}, "[sticker] Look"),
        ({"media_type": "voice_message", "file": "v.ogg"}, "[voice message] Look"),
        ({"media_type": "video_message"}, "[video message] Look"),
        ({"media_type": "video_file", "file": "v.mp4"}, "[video] Look"),
        ({"media_type": "animation"}, "[animation] Look"),
        ({"media_type": "audio_file", "title": "A", "performer": "B"}, "[audio B – A] Look"),
        ({"media_type": "hologram_3d"}, "[hologram 3d] Look"),
        ({"file": "files/a.pdf", "file_name": "a.pdf"}, "[file a.pdf] Look"),
        ({"file": "files/a.pdf"}, "[file] Look"),
        ({"location_information": {"latitude": 4.5, "longitude": -7}}, "[location 4.5, -7] Look"),
        (
            {"location_information": {"latitude": 1}, "live_location_period_seconds": 9},
            "[live location 1] Look",
        ),
        ({"location_information": None}, "[location] Look"),
        (
            {"place_name": "Bar", "address": "Main St", "location_information": {"latitude": 1}},
            "[place Bar, Main St] Look",
        ),
        (
            {"contact_information": {"first_name": "Bo", "last_name": "Li", "phone_number": "+1"}},
            "[contact Bo Li] Look",
        ),
        ({"contact_information": "Bo"}, "[contact] Look"),
        ({"poll": {"question": "Tea?", "answers": []}}, "[poll Tea?] Look"),
        ({"poll": {"question": [{"type": "plain", "text": "Tea?"}]}}, "[poll Tea?] Look"),
        ({"poll": []}, "[poll] Look"),
        ({"todo_list": {"title": "Weekend"}}, "[checklist Weekend] Look"),
        ({"game_title": "Chess"}, "[game Chess] Look"),
        ({"invoice_information": {"title": "Premium"}}, "[invoice Premium] Look"),
        ({"giveaway_information": {}}, "[giveaway] Look"),
        ({"giveaway_results": {}}, "[giveaway results] Look"),
        ({"paid_stars_amount": 250}, "[paid media] Look"),
        ({"forwarded_from": "News"}, "[forwarded from News] Look"),
        ({"forwarded_from": None, "forwarded_from_id": "user5"}, "[forwarded from] Look"),
        ({"via_bot": "@gif", "media_type": "animation"}, "[via @gif] [animation] Look"),
        ({"reactions": [{"emoji": "🔥", "count": 2}], "inline_bot_buttons": [[]]}, "Look"),
    ],
)
def test_attachments_are_described_with_the_text(
    agent: Agent, tmp_path: Path, fields: dict[str, Any], recorded: str
) -> None:
    assert only_text(agent, tmp_path, "Look", **fields) == recorded


@pytest.mark.parametrize(
    "sender_id", ["user10", "10", 10, 10.0, "bot10", " user10 ", "user0000000010"]
)
def test_ids_of_people_in_every_shape(agent: Agent, tmp_path: Path, sender_id: object) -> None:
    run(agent, tmp_path, account(group(message({"from": "Alice", "from_id": sender_id}))))
    assert EndUser.objects.get().external_id == "10"


@pytest.mark.parametrize("sender_id", [None, True, [], {}, "", "somebody", 0, 1.5])
def test_a_person_without_an_id_in_a_group_is_known_by_name(
    agent: Agent, tmp_path: Path, sender_id: object
) -> None:
    run(agent, tmp_path, account(group(message({"from": "Alice", "from_id": sender_id}))))
    assert EndUser.objects.get().external_id == "name:Alice"


@pytest.mark.parametrize(
    "sender", [{}, {"from": None, "from_id": None}, {"from": "  "}, {"from": 5, "from_id": []}]
)
def test_a_message_without_a_sender_is_skipped(
    agent: Agent, tmp_path: Path, sender: dict[str, Any]
) -> None:
    report, _ = run(agent, tmp_path, account(group(message(ALICE), message(sender))))
    assert report.tally.skipped.total == 1
    assert report.tally.recorded == 1


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"id": 1, "type": "service", "action": "phone_call", "actor": "Me"}, "service message"),
        ({"id": 1, "type": "unsupported"}, "unsupported by"),
        ({"id": 1, "type": "story"}, "unknown type story"),
        ({"id": 1, "type": 5}, "no type"),
        ({"id": 1, "type": None}, "no type"),
        ("text", "not a message"),
        (None, "not a message"),
        ([], "not a message"),
    ],
)
def test_what_is_not_a_message_is_skipped_by_reason(
    agent: Agent, tmp_path: Path, other: object, reason: str
) -> None:
    report, _ = run(agent, tmp_path, chat(message(ALICE), other, message(ME)))
    assert report.tally.recorded == 2
    assert reason in reasons(report.tally.skipped)


def test_reasons_are_bounded(agent: Agent, tmp_path: Path) -> None:
    strange = [{"id": n, "type": f"type {n}"} for n in range(500)]
    report, _ = run(agent, tmp_path, chat(message(ALICE), *strange))
    assert report.tally.skipped.total == 500
    assert len(report.tally.skipped) <= 41


def sent_at(agent: Agent) -> dt.datetime:
    return Message.objects.get().sent_at


@pytest.mark.parametrize("value", [str(START), START, float(START), f" {START} "])
def test_seconds_since_1970(agent: Agent, tmp_path: Path, value: object) -> None:
    date = {"date": "1999-01-01T00:00:00", "date_unixtime": value}
    run(agent, tmp_path, chat(message(ALICE, **date)))
    assert sent_at(agent) == dt.datetime.fromtimestamp(START, dt.UTC)


@pytest.mark.parametrize("missing", [None, "", "soon", [], True, 10**40, 1e300])
def test_local_times_are_read_in_the_agents_zone(
    agent: Agent, tmp_path: Path, missing: object
) -> None:
    agent.time_zone = "Asia/Kathmandu"
    agent.save()
    date = {"date": "2020-05-01T12:00:00", "date_unixtime": missing}
    _, notes = run(agent, tmp_path, chat(message(ALICE, **date)))
    assert sent_at(agent) == dt.datetime(2020, 5, 1, 6, 15, tzinfo=dt.UTC)
    assert "Times without a zone (1) were read as Asia/Kathmandu" in notes


def test_local_times_are_read_in_the_given_zone(agent: Agent, tmp_path: Path) -> None:
    date = {"date": "2020-05-01T12:00:00", "date_unixtime": None}
    _, notes = run(agent, tmp_path, chat(message(ALICE, **date)), zone="Europe/Berlin")
    assert sent_at(agent) == dt.datetime(2020, 5, 1, 10, tzinfo=dt.UTC)
    assert "Europe/Berlin" in notes


@pytest.mark.parametrize("date", [None, "", "yesterday", 5, "0001-01-01T00:00:00", "2020-13-01"])
def test_a_message_without_a_readable_time_is_rejected(
    agent: Agent, tmp_path: Path, date: object
) -> None:
    report, _ = run(
        agent, tmp_path, chat(message(ALICE), message(ALICE, date=date, date_unixtime=None))
    )
    assert report.tally.rejected.total == 1
    assert report.tally.recorded == 1


def test_an_edit_keeps_its_time(agent: Agent, tmp_path: Path) -> None:
    sent = message(ALICE, "First", date_unixtime=str(START))
    run(agent, tmp_path, chat(sent))
    edited = {**sent, "text": "Second", "edited_unixtime": str(START + 60)}
    report, _ = run(agent, tmp_path, chat(edited))
    assert report.tally.recorded == 1
    found = Message.objects.get()
    assert found.text == "Second"
    assert found.edited_at == dt.datetime.fromtimestamp(START + 60, dt.UTC)


def test_an_edit_of_1970_means_never(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, chat(message(ALICE, edited="1970-01-01T01:00:00")))
    assert Message.objects.get().edited_at is None


def test_messages_without_ids_are_identified_by_position(agent: Agent, tmp_path: Path) -> None:
    export = chat(*(message(ALICE, text, id=None) for text in ("One", "Two")))
    run(agent, tmp_path, export)
    report, _ = run(agent, tmp_path, export)
    assert report.tally.duplicates == 2
    assert Message.objects.count() == 2


def test_ids_as_text_and_as_numbers_are_the_same(agent: Agent, tmp_path: Path) -> None:
    sent = message(ALICE)
    run(agent, tmp_path, chat(sent))
    report, _ = run(agent, tmp_path, chat({**sent, "id": str(sent["id"])}, id="10"))
    assert report.tally.duplicates == 1


def test_the_same_id_with_other_content_is_a_conflict(agent: Agent, tmp_path: Path) -> None:
    sent = message(ALICE, "One")
    report, _ = run(agent, tmp_path, chat(sent, {**sent, "text": "Two"}, sent))
    assert report.tally.recorded == 1
    assert report.tally.duplicates == 1
    assert report.tally.conflicts.total == 1
    assert Message.objects.get().text == "One"


def test_the_same_ids_in_different_chats_are_different(agent: Agent, tmp_path: Path) -> None:
    export = account(
        group(message(ALICE, id=1), id=500),
        group(message(ALICE, id=1), id=501),
        group(message(ALICE, id=1), id=500, type="private_group"),
    )
    report, _ = run(agent, tmp_path, export)
    assert report.tally.recorded == 3


@pytest.mark.parametrize("id_", [2**64, -999_999_999, 10**300, "x" * 300, "a\nb"])
def test_strange_ids_are_recorded_or_rejected(agent: Agent, tmp_path: Path, id_: object) -> None:
    report, _ = run(agent, tmp_path, chat(message(ALICE), message(ALICE, id=id_)))
    assert report.tally.recorded + report.tally.rejected.total == 2


def test_what_is_too_long_is_cut_or_rejected(agent: Agent, tmp_path: Path) -> None:
    long_name = {"from": "A" * 1000, "from_id": "user10"}
    report, _ = run(
        agent, tmp_path, account(group(message(long_name), message(ALICE, "x" * 100_001)))
    )
    assert EndUser.objects.get().name == "A" * 255
    assert "100000" in reasons(report.tally.rejected)


def test_the_name_is_that_of_the_newest_message(agent: Agent, tmp_path: Path) -> None:
    later = {"from": "Alice Smith", "from_id": "user10"}
    crowd = group(message(later, date_unixtime=START + 10**6), message(ALICE))
    run(agent, tmp_path, account(crowd))
    assert EndUser.objects.get().name == "Alice Smith"


def test_topics_are_dialogues_of_their_own(agent: Agent, tmp_path: Path) -> None:
    topic = {"type": "service", "action": "topic_created", "id": 9001, "date_unixtime": str(START)}
    in_topic = message(ALICE, "In the topic", reply_to_message_id=9001)
    reply = message(BOT, "There too", reply_to_message_id=in_topic["id"])
    general = message(ALICE, "Elsewhere")
    elsewhere = message(BOT, "Also elsewhere", reply_to_message_id=general["id"])
    foreign = message(ALICE, "Not it", reply_to_message_id=9001, reply_to_peer_id="channel7")
    everything = [topic, in_topic, reply, general, elsewhere, foreign]
    run(agent, tmp_path, account(group(*everything)))
    run(agent, tmp_path, chat(topic, message(ALICE, "Private", reply_to_message_id=9001)))
    chats = dict(Message.objects.values_list("text", "chat"))
    assert {chats["In the topic"], chats["There too"]} == {"-100500/9001"}
    assert {chats["Elsewhere"], chats["Also elsewhere"], chats["Not it"]} == {"-100500"}
    assert chats["Private"] == "10/9001"
