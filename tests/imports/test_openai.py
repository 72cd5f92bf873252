"""Conversations in OpenAI's format."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from frontdesk.agents.models import Agent
from frontdesk.imports.openai import import_openai
from frontdesk.imports.options import Options
from frontdesk.imports.report import Report
from frontdesk.ledger.models import EndUser, Import, Message, Session

THEN = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
HELLO = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi!"}]
WHOLE: dict[str, Any] = {
    "messages": HELLO,
    "user": "42",
    "session": "s1",
    "time": "2026-10-14T12:05:00Z",
    "model": "gpt-4o-mini",
    "usage": {"prompt_tokens": 12, "completion_tokens": 5},
}


def run(agent: Agent, folder: Path, *lines: object, dry_run: bool = False) -> tuple[Report, str]:
    file = folder / "chats.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    notes: list[str] = []
    report = Report(show=notes.append, dry_run=dry_run)
    import_openai(agent, file, report, Options(time=THEN))
    return report, "\n".join(notes)


def texts() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("sent_at", "position").values_list("role", "text"))


def test_a_conversation_is_recorded(agent: Agent, tmp_path: Path) -> None:
    report, notes = run(agent, tmp_path, WHOLE)
    assert texts() == [("user", "Hello"), ("agent", "Hi!")]
    answer = Message.objects.get(role="agent")
    assert (answer.model, answer.input_tokens, answer.output_tokens) == ("gpt-4o-mini", 12, 5)
    assert (EndUser.objects.get().external_id, Session.objects.get().external_id) == ("42", "s1")
    assert notes == ""
    assert Import.objects.get().format == "openai"
    again, _ = run(agent, tmp_path, WHOLE)
    assert (report.tally.recorded, again.tally.recorded, again.tally.duplicates) == (2, 0, 2)


def test_what_is_missing_is_invented_and_said(agent: Agent, tmp_path: Path) -> None:
    _, notes = run(agent, tmp_path, {"messages": HELLO}, {"messages": HELLO[:1]})
    assert EndUser.objects.get().external_id == "unknown"
    assert set(Message.objects.values_list("sent_at", flat=True)) == {THEN}
    assert Session.objects.count() == 2
    assert "2 conversations have no time and got 2026-05-01T00:00:00Z" in notes
    assert "2 conversations have no user and got “unknown”" in notes
    again, _ = run(agent, tmp_path, {"messages": HELLO}, {"messages": HELLO[:1]})
    assert again.tally.duplicates == 3


def test_the_user_may_have_a_profile(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, {**WHOLE, "user": {"id": 42, "name": "Alice", "email": "a@example.com"}})
    user = EndUser.objects.get()
    assert (user.external_id, user.name, user.email) == ("42", "Alice", "a@example.com")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"content": None, "tool_calls": [{"function": {"name": "search"}}]}, "[calls search]"),
        ({"content": None, "tool_calls": [7]}, "[calls a tool]"),
        ({"content": [{"type": "text", "text": "See"}, {"type": "image_url"}]}, "See\n[image]"),
        ({"content": [7, {"type": 8}]}, ""),
        ({"content": [{"type": "refusal", "refusal": "No"}]}, "No"),
    ],
)
def test_contents_of_every_kind(
    agent: Agent, tmp_path: Path, message: dict[str, Any], expected: str
) -> None:
    run(agent, tmp_path, {**WHOLE, "messages": [{"role": "assistant", **message}]})
    assert texts() == [("agent", expected)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"messages": []}, "messages is empty"),
        ({"prompt": "Hello"}, "a list of messages"),
        ({**WHOLE, "time": "yesterday"}, "time: yesterday is not a time"),
        ({**WHOLE, "messages": [{"role": "nobody"}]}, "message 1: it has no role"),
        ({**WHOLE, "messages": ["Hello"]}, "message 1: it has no role"),
        ({**WHOLE, "platform": "Web Site"}, "message 1: platform"),
    ],
)
def test_a_bad_line_is_set_aside(agent: Agent, tmp_path: Path, line: object, reason: str) -> None:
    report, _ = run(agent, tmp_path, line)
    assert reason in " ".join(report.tally.rejected)
    assert (tmp_path / "chats.jsonl.rejected.jsonl").read_text() == json.dumps(line) + "\n"


def test_a_line_with_two_bad_messages_is_set_aside_once(agent: Agent, tmp_path: Path) -> None:
    line = {**WHOLE, "messages": [*HELLO, {"role": "x"}, {"role": "y"}]}
    report, _ = run(agent, tmp_path, line)
    assert (report.tally.recorded, report.tally.rejected.total) == (2, 2)
    assert len((tmp_path / "chats.jsonl.rejected.jsonl").read_text().splitlines()) == 1


def test_a_dry_run_records_nothing(agent: Agent, tmp_path: Path) -> None:
    report, _ = run(agent, tmp_path, WHOLE, {}, dry_run=True)
    assert (report.tally.recorded, report.tally.rejected.total) == (2, 1)
    assert not Message.objects.exists()
    assert [file.name for file in tmp_path.iterdir()] == ["chats.jsonl"]


def turns(*texts: str) -> list[dict[str, str]]:
    roles = ("user", "assistant")
    return [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]


def test_a_log_that_repeats_its_conversation_adds_only_the_new_turns(
    agent: Agent, tmp_path: Path
) -> None:
    first = {**WHOLE, "messages": turns("Hello", "Hi!")}
    second = {
        **WHOLE,
        "messages": turns("Hello", "Hi!", "How much?", "$5."),
        "time": "2026-10-14T12:06:00Z",
        "model": "gpt-4o",
        "usage": {"prompt_tokens": 30, "completion_tokens": 2},
    }
    report, _ = run(agent, tmp_path, first, second)
    assert (report.tally.recorded, report.tally.duplicates) == (4, 2)
    assert not report.tally.conflicts
    minutes = Message.objects.order_by("sent_at", "position").values_list("sent_at__minute")
    assert [minute for (minute,) in minutes] == [5, 5, 6, 6]
    answers = Message.objects.filter(role="agent").order_by("sent_at")
    assert list(answers.values_list("model", "input_tokens")) == [
        ("gpt-4o-mini", 12),
        ("gpt-4o", 30),
    ]
    later = {
        **second,
        "messages": [*second["messages"], *turns("Thanks")],
        "time": THEN.isoformat(),
    }
    again, _ = run(agent, tmp_path, later)
    assert (again.tally.recorded, again.tally.duplicates) == (1, 4)
    dry, _ = run(agent, tmp_path, {**later, "time": "2026-10-15T12:00:00Z"}, dry_run=True)
    assert (dry.tally.duplicates, dry.tally.conflicts.total) == (5, 0)


def test_another_text_at_the_same_place_of_a_session_is_a_conflict(
    agent: Agent, tmp_path: Path
) -> None:
    other = {**WHOLE, "messages": turns("Hello", "Hey!"), "time": "2026-10-14T12:06:00Z"}
    report, _ = run(agent, tmp_path, WHOLE, other)
    assert (report.tally.recorded, report.tally.duplicates) == (2, 1)
    assert report.tally.conflicts.total == 1
