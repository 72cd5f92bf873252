"""What newcomers write in JSON lines is understood, or explained in full."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from frontdesk.agents.models import Agent
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.lenient import read_event
from frontdesk.ledger.events import EventError, parse
from tests.imports.test_jsonl import event, run

NOON = dt.datetime(2026, 10, 14, 12, tzinfo=dt.UTC)


def line(**fields: Any) -> bytes:
    return event(1, **fields)


def faults(raw: bytes) -> list[str]:
    with pytest.raises(EventError) as error:
        read_event(raw)
    return error.value.reason.split("; ")


@pytest.mark.parametrize(
    ("word", "role"),
    [("assistant", "agent"), ("AI", "agent"), ("bot", "agent"), ("human", "user")],
)
def test_other_programs_roles_are_understood_here_and_not_by_the_api(word: str, role: str) -> None:
    assert read_event(line(role=word)).role == role
    with pytest.raises(EventError):
        parse(line(role=word))


@pytest.mark.parametrize("field", ["externalId", "messageId", "sessionId", "chat"])
def test_ids_may_be_integers(field: str) -> None:
    read = read_event(line(**{field: 42}))
    assert {"externalId": read.external_id, "messageId": read.message_id}.get(field, "42") == "42"


@pytest.mark.parametrize(
    "time", [NOON.timestamp(), int(NOON.timestamp()), int(NOON.timestamp()) * 1000]
)
def test_times_may_be_seconds_or_milliseconds(time: float) -> None:
    assert read_event(line(time=time)).time == NOON
    assert read_event(line(time=str(time))).time == NOON


def test_a_text_of_null_is_empty() -> None:
    assert read_event(line(text=None)).text == ""


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("content", "text"),
        ("userId", "externalId"),
        ("user_id", "externalId"),
        ("timestamp", "time"),
        ("MESSAGE-ID", "messageId"),
        ("messages", "text"),
    ],
)
def test_a_foreign_name_gets_the_right_one(wrong: str, right: str) -> None:
    [fault] = faults(line(**{wrong: "x"}))
    assert wrong in fault
    assert fault.split()[-1] == right


def test_all_faults_of_a_line_are_named_at_once() -> None:
    raw = {
        "role": "boss",
        "timestamp": 1,
        "externalId": "",
        "text": 5,
        "email": "no",
        "inputTokens": -1,
        "editedAt": "yesterday",
    }
    found = "\n".join(faults(json.dumps(raw).encode()))
    for fault in (
        "timestamp: it is called time",
        "platform is missing",
        "messageId is missing",
        "role: boss",
        "externalId is empty",
        "text must be text, not a whole number",
        "email is not an e-mail address",
        "inputTokens must be 0 or more",
        "editedAt: yesterday is not a time",
    ):
        assert fault in found
    assert "time is missing" not in found
    assert "`" not in found


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"time": "2026-10-14T12:00:00"}, "time: 2026-10-14T12:00:00 is not a time with a zone"),
        ({"time": 10**30}, "is not a time"),
        ({"time": True}, "is not a time"),
        ({"externalId": True}, "externalId must be text, not true or false"),
        ({"platform": "My Site"}, "platform: My Site is none"),
        ({"externalId": "x" * 300}, "externalId is too long: at most 255"),
        ({"tags": "vip"}, "tags must be a list, not text"),
        ({"editedAt": "2020-01-01T00:00:00Z"}, "editedAt is before time"),
        ({"time": "2999-01-01T00:00:00Z"}, "ahead of this server's clock"),
    ],
)
def test_a_wrong_value_is_explained(fields: dict[str, Any], fault: str) -> None:
    assert fault in faults(line(**fields))[0]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"externalId,role,text\nu1,user,Hi\n", "is a CSV table"),
        (b'"name";"email"\n"A";"b@c.de"\n', "is a CSV table"),
        (b"[" + line() + b"]", "is a JSON array"),
        (b"[\n  {\n", "is a JSON array"),
        (b'{\n  "role": "user"\n}', "over several lines"),
        (b"PK\x03\x04rest", "is a zip archive"),
    ],
)
def test_another_kind_of_file_is_named(
    agent: Agent, tmp_path: Path, content: bytes, named: str
) -> None:
    with pytest.raises(ImportFileError, match=named):
        run(agent, tmp_path, content)
    assert [file.name for file in tmp_path.iterdir()] == ["events.jsonl"]
