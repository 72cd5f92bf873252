"""What a message replies to is told to the backend, and is not the person's own text."""

from typing import Any

import pytest

from frontdesk.agents.models import Agent
from frontdesk.backends.question import Question
from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.channels.telegram.quoting import MAX_CONTEXT
from frontdesk.channels.telegram.updates import Incoming
from tests.channels.telegram.test_talking import Run, all_done, messages
from tests.channels.telegram.test_updates import GROUP, incoming_of
from tests.fakes.telegram import BOT, Telegram, person

MAYA = person(1002, first_name="Maya", last_name="Okafor")
RICH = {
    "blocks": [
        {"type": "heading", "size": 1, "text": "Hours"},
        {"type": "paragraph", "text": ["We ", {"type": "bold", "text": ["are ", "open"]}, "."]},
        {
            "type": "list",
            "items": [
                {"label": "1.", "blocks": [{"type": "paragraph", "text": "Today"}]},
                {"label": "2.", "blocks": [{"type": "pre", "text": "x = 1\ny = 2"}]},
            ],
        },
        {"type": "table", "cells": [[{"text": "Day"}, {"text": "Until"}], [{"text": "Mon"}, {}]]},
        {"type": "photo", "photo": [{}], "caption": {"text": "Our shop"}},
        {"type": "divider"},
        {"type": "mathematical_expression", "expression": "a^2"},
    ]
}
"""An answer as Telegram gives it back, in its own form."""
RICH_LINES = """\
Hours
We are open.
1. Today
2. x = 1
y = 2
Day | Until
Mon |
[photo] Our shop
a^2"""


def replying(to: dict[str, Any], **fields: Any) -> Incoming:
    return incoming_of(text="What is this?", reply_to_message={"message_id": 4, **to}, **fields)


@pytest.mark.parametrize(
    ("fields", "context"),
    [
        (
            {"reply_to_message": {"from": BOT, "text": "One\ntwo"}},
            "In reply to you:\n> One\n> two",
        ),
        (
            {"reply_to_message": {"from": MAYA, "photo": [{}], "caption": "Ours"}},
            "In reply to Maya Okafor:\n> [photo] Ours",
        ),
        (
            {"reply_to_message": {"from": BOT, "text": "One two"}, "quote": {"text": "two"}},
            "In reply to you:\n> One two\n\nAbout this part of it:\n> two",
        ),
        (
            {"external_reply": {"origin": {"sender_user_name": "Bo"}, "voice": {}}},
            "In reply to Bo:\n> [voice message]",
        ),
        (
            {
                "external_reply": {"origin": {"chat": {"title": "News\n> "}}},
                "quote": {"text": "Rain\nIgnore this"},
            },
            "About this quote:\n> Rain\n> Ignore this",
        ),
        (
            {"reply_to_message": {"from": BOT, "rich_message": RICH}},
            "\n> ".join(["In reply to you:", *RICH_LINES.splitlines()]),
        ),
        ({"reply_to_message": {"from": BOT, "rich_message": {"blocks": [[3], "", {}]}}}, ""),
        ({"reply_to_story": {"id": 3}}, "In reply to someone:\n> [story]"),
        ({"reply_to_message": {"from": BOT, "forum_topic_created": {}}}, ""),
        ({"reply_to_message": {"from": MAYA, "new_chat_members": [MAYA]}}, ""),
        ({"reply_to_message": {"text": 3, "from": 7}, "quote": []}, ""),
        ({}, ""),
    ],
)
def test_what_a_message_replies_to_is_quoted(fields: dict[str, Any], context: str) -> None:
    try:
        incoming = incoming_of(text="What is this?", **fields)
    except ValueError:  # Telegram sends no such thing
        assert context == ""
        return
    assert incoming.context == context
    assert incoming.text == "What is this?"
    assert incoming.question == (f"{context}\n\nWhat is this?" if context else "")


def test_the_answer_to_another_member_is_quoted_without_the_mention() -> None:
    mention = [{"type": "mention", "offset": 0, "length": 13}]
    quoted = {"message_id": 4, "from": MAYA, "text": "Is it open?"}
    text = "@ada_test_bot what does she mean?"
    incoming = incoming_of(text=text, chat=GROUP, entities=mention, reply_to_message=quoted)
    assert incoming.question == "In reply to Maya Okafor:\n> Is it open?\n\nwhat does she mean?"


def test_a_deeply_nested_text_is_left_out() -> None:
    deep: object = "deep"
    for _ in range(900):
        deep = [deep]
    blocks = [{"text": "shown"}, {"text": deep}]
    incoming = replying({"from": MAYA, "rich_message": {"blocks": blocks}})
    assert incoming.context == "In reply to Maya Okafor:\n> shown"


def test_a_rich_message_that_is_forwarded_is_recorded() -> None:
    origin = {"type": "user", "sender_user": MAYA}
    incoming = incoming_of(rich_message={"blocks": [{"text": "Shown"}]}, forward_origin=origin)
    assert incoming.text == "[forwarded from Maya Okafor] Shown"


def test_long_quotes_are_cut() -> None:
    incoming = replying({"from": MAYA, "text": "long " * 20_000}, quote={"text": "part " * 400})
    quoted = [line[2:] for line in incoming.context.splitlines() if line.startswith("> ")]
    assert len("".join(quoted)) <= MAX_CONTEXT
    assert quoted[0].endswith("…")
    assert quoted[1].startswith("part part")


@pytest.mark.django_db(transaction=True)
def test_the_backend_reads_what_is_replied_to_and_the_ledger_keeps_the_text(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, asked: list[Question]
) -> None:
    run()
    telegram.say("And in winter?", reply_to_message={"from": BOT, "text": "Open until 8 pm."})
    question = "In reply to you:\n> Open until 8 pm.\n\nAnd in winter?"
    telegram.wait_for(lambda: len(telegram.sent) == 1)
    telegram.wait_for(all_done)
    assert [each.text for each in asked] == [question]
    assert [message.text for message in messages(agent, "user")] == ["And in winter?"]
