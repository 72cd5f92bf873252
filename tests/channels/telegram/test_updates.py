"""What updates mean, and which are ignored."""

from typing import Any

import msgspec
import pytest
from django.utils.timezone import now
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.channels.telegram.content import text_of
from frontdesk.channels.telegram.updates import Incoming, Me, read
from frontdesk.ledger.events import check as check_event
from tests.fakes.telegram import person

ME = Me(4711, "ada_test_bot")
GROUP = {"id": -100500, "type": "supergroup"}


def message(**fields: Any) -> dict[str, Any]:
    private = {"id": 1001, "type": "private"}
    return {
        "update_id": 1,
        "message": {
            "message_id": 5,
            "date": 1_700_000_000,
            "from": person(1001),
            "chat": private,
            **fields,
        },
    }


def incoming_of(**fields: Any) -> Incoming:
    incoming = read(message(**fields), ME)
    assert incoming is not None
    return incoming


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"text": "Hello"}, "Hello"),
        ({"photo": [{}], "caption": "Look"}, "[photo] Look"),
        ({"sticker": {"emoji": "🙂"}}, "[sticker 🙂]"),
        ({"voice": {"duration": 3}}, "[voice message]"),
        ({"video_note": {}}, "[video message]"),
        ({"video": {}, "caption": "Ours"}, "[video] Ours"),
        ({"audio": {"performer": "Bach", "title": "Air"}}, "[audio Bach – Air]"),
        ({"animation": {}, "document": {"file_name": "a.mp4"}}, "[animation]"),
        ({"document": {"file_name": "report.pdf"}, "caption": "New"}, "[file report.pdf] New"),
        ({"location": {"latitude": 52.5, "longitude": 13.4}}, "[location 52.5, 13.4]"),
        (
            {"venue": {"title": "Zoo", "address": "Road 1"}, "location": {"latitude": 1}},
            "[place Zoo, Road 1]",
        ),
        ({"contact": {"first_name": "Bo", "phone_number": "+49"}}, "[contact Bo]"),
        ({"poll": {"question": "Tea?"}}, "[poll Tea?]"),
        ({"dice": {"emoji": "🎲", "value": 4}}, "[dice 🎲]"),
        ({"hologram": {"depth": 3}}, "[unsupported]"),
        ({}, "[unsupported]"),
        ({"live_photo": {}, "photo": [{}]}, "[live photo]"),
        ({"text": "Hi", "via_bot": {"username": "gif"}}, "[via @gif] Hi"),
        (
            {"text": "Hi", "forward_origin": {"type": "user", "sender_user": {"first_name": "Bo"}}},
            "[forwarded from Bo] Hi",
        ),
    ],
)
def test_each_kind_of_message_is_recorded(content: dict[str, Any], text: str) -> None:
    assert incoming_of(**content).text == text


@pytest.mark.parametrize(
    "fields",
    [
        {"new_chat_members": [person(1002)]},
        {"pinned_message": {"text": "old"}},
        {"text": "I am a bot", "from": {**person(1), "is_bot": True}},
        {"text": "From the channel", "sender_chat": {"id": -1}},
        {"text": "No sender", "from": None},
        {"text": "In a channel", "chat": {"id": -1, "type": "channel"}},
        {"text": "Not for the bot", "chat": GROUP},
        {"text": "/new@other_bot", "chat": GROUP},
        {
            "text": "In a topic that the bot made",
            "chat": GROUP,
            "reply_to_message": {"from": {"id": 4711, "is_bot": True}, "forum_topic_created": {}},
        },
    ],
)
def test_messages_not_meant_for_the_agent_are_ignored(fields: dict[str, Any]) -> None:
    assert read(message(**fields), ME) is None


@pytest.mark.parametrize(
    ("text", "command", "argument"),
    [
        ("/start", "start", ""),
        ("/start link_abc", "start", "link_abc"),
        ("/new@ada_test_bot", "new", ""),
        ("/NEW", "new", ""),
        ("/usage please\nnow", "usage", "please\nnow"),
        ("/", "", ""),
        ("1/2", "", ""),
        ("/new@other_bot", "", ""),
    ],
)
def test_commands_are_known(text: str, command: str, argument: str) -> None:
    incoming = incoming_of(text=text)
    assert (incoming.command, incoming.argument) == (command, argument)


@pytest.mark.parametrize(
    ("text", "offset", "asked"),
    [
        ("@ada_test_bot help", 0, "help"),
        ("🙂🙂 @ada_test_bot, help", 5, "🙂🙂 , help"),
        ("Ā@ada_test_botĀ", 1, "Ā Ā"),
        ("@ada_test_bot", 0, ""),
    ],
)
def test_the_backend_gets_the_text_without_the_mention(text: str, offset: int, asked: str) -> None:
    mention = {"type": "mention", "offset": offset, "length": 13}
    incoming = incoming_of(text=text, chat=GROUP, entities=[mention])
    assert (incoming.text, incoming.asked) == (text, asked)


def test_ids_are_those_of_the_importer() -> None:
    private, group = incoming_of(text="Hi").event(), incoming_of(text="/hi", chat=GROUP).event()
    assert (private.message_id, private.chat) == ("1001:5", "")
    assert (group.message_id, group.chat) == ("-100500:5", "-100500")
    topic = incoming_of(text="/hi", chat=GROUP, message_thread_id=9, is_topic_message=True).event()
    assert (topic.message_id, topic.chat) == ("-100500:5", "-100500/9")


WILD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "text", "emoji", "user"]), inner)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["text", "photo", "sticker", "location", "poll"]), WILD))
def test_every_kind_of_message_has_a_text(content: dict[str, Any]) -> None:
    assert isinstance(text_of(content), str)


@given(
    st.dictionaries(
        st.sampled_from("message_id date from chat text entities edit_date caption".split()), WILD
    ),
    st.text(max_size=20),
)
def test_a_strange_update_is_refused_or_can_be_recorded(fields: dict[str, Any], text: str) -> None:
    try:
        incoming = read(message(text=text, **fields), ME) if "text" not in fields else None
    except msgspec.ValidationError:
        return
    if incoming is not None and incoming.at < now():
        check_event(incoming.event(), now())
        assert msgspec.convert(msgspec.to_builtins(incoming), Incoming) == incoming
