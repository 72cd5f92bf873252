"""Traces and observations of Langfuse."""

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.report import Report
from frontdesk.imports.traces import importing
from frontdesk.ledger import imports
from frontdesk.ledger.models import EndUser, Import, Message, Session
from tests.imports.exports import reasons
from tests.imports.running import run_import

Json = dict[str, Any]


def history(*texts: str) -> list[Json]:
    roles = ("user", "assistant")
    return [
        {"role": "system", "content": "Be brief."},
        *({"role": roles[n % 2], "content": text} for n, text in enumerate(texts)),
    ]


def trace(number: int, *texts: str, answer: Any = "Sure", **fields: Any) -> Json:
    """A trace as the API has it; `texts` is the conversation up to the question."""
    return {
        "id": f"trace-{number}",
        "timestamp": f"2026-10-14T12:{number:02}:00.250Z",
        "name": "chat",
        "userId": "42",
        "sessionId": "s1",
        "input": history(*texts),
        "output": {"role": "assistant", "content": answer},
        "metadata": {"env": "prod"},
        "tags": ["web"],
        "latency": 1.5,
        "totalCost": 0,
        "observations": [],
        **fields,
    }


def generation(number: int, trace_id: str, **fields: Any) -> Json:
    return {
        "id": f"gen-{number}",
        "traceId": trace_id,
        "parentObservationId": "span-1",
        "type": "GENERATION",
        "startTime": f"2026-10-14T12:00:0{number}.250Z",
        "endTime": f"2026-10-14T12:00:0{number}.750Z",
        "model": "gpt-4o-mini",
        "input": history("Hello"),
        "output": {"role": "assistant", "content": f"Step {number}"},
        "usageDetails": {"input": 10, "input_cached_tokens": 2, "output": 3, "total": 15},
        "costDetails": {"input": 0.001, "output": 0.002, "total": 0.003},
        "level": "DEFAULT",
        "statusMessage": None,
        **fields,
    }


def run(
    agent: Agent, folder: Path, *rows: Any, lines: bool = False, **options: Any
) -> tuple[Report, str]:
    file = folder / "traces.json"
    if len(rows) == 1 and isinstance(rows[0], bytes):
        file.write_bytes(rows[0])
    elif lines:
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        file.write_text(json.dumps(rows[0] if len(rows) == 1 else rows))
    return run_import(agent, file, "langfuse", **options)


def texts() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("sent_at", "position").values_list("role", "text"))


@pytest.mark.parametrize("lines", [False, True])
def test_a_growing_history_is_recorded_once(agent: Agent, tmp_path: Path, lines: bool) -> None:
    rows = [
        trace(2, "Hello", "Hi!", "How much?", answer="$5."),
        trace(1, "Hello", answer="Hi!"),
    ]
    report, notes = run(agent, tmp_path, *rows, lines=lines)
    assert texts() == [
        ("user", "Hello"),
        ("agent", "Hi!"),
        ("user", "How much?"),
        ("agent", "$5."),
    ]
    assert (EndUser.objects.get().external_id, Session.objects.get().external_id) == ("42", "s1")
    answer = Message.objects.get(text="$5.")
    assert answer.sent_at == dt.datetime(2026, 10, 14, 12, 2, 1, 750_000, tzinfo=dt.UTC)
    assert (answer.latency_ms, answer.cost, notes) == (1_500, None, "")
    again, _ = run(agent, tmp_path, *rows, lines=lines)
    assert (report.tally.recorded, again.tally.recorded, again.tally.duplicates) == (4, 0, 4)
    assert {row.format for row in Import.objects.all()} == {"langfuse"}


def test_the_use_of_models_comes_from_the_observations(agent: Agent, tmp_path: Path) -> None:
    whole = trace(0, "Hello", answer="Hi!")
    observations = [
        generation(1, "trace-0"),
        generation(2, "trace-0", model="gpt-4o"),
        {"id": "span-1", "traceId": "trace-0", "type": "SPAN", "input": "x", "output": "y"},
    ]
    report, _ = run(agent, tmp_path, {"trace": whole, "observations": observations})
    assert texts() == [("user", "Hello"), ("agent", "Hi!")]
    answer = Message.objects.get(role="agent")
    assert (answer.model, answer.input_tokens, answer.output_tokens) == ("gpt-4o", 24, 6)
    assert (answer.cached_tokens, answer.cost) == (4, 6_000)
    assert reasons(report.tally.skipped) == "a step of a trace"


def test_rows_of_observations_are_joined_to_their_traces(agent: Agent, tmp_path: Path) -> None:
    """As exports to storage have them: in snake case, and steps before their root."""
    step = {
        "id": "o2",
        "trace_id": "t1",
        "parent_observation_id": "o1",
        "type": "GENERATION",
        "start_time": "2026-10-14 12:00:01.000000",
        "end_time": "2026-10-14 12:00:02.000000",
        "provided_model_name": "gpt-4o-mini",
        "usage_details": {"input": 7, "output": 2},
        "total_cost": 0.5,
        "input": json.dumps(history("Hello")),
        "output": "Draft",
    }
    root = {
        "id": "o1",
        "trace_id": "t1",
        "parent_observation_id": None,
        "type": "SPAN",
        "start_time": "2026-10-14 12:00:00.000000",
        "end_time": "2026-10-14 12:00:03.000000",
        "user_id": "42",
        "session_id": "s1",
        "input": {"question": "Hello"},
        "output": {"answer": "Hi!"},
    }
    run(agent, tmp_path, step, root, lines=True)
    assert texts() == [("user", "Hello"), ("agent", "Hi!")]
    answer = Message.objects.get(role="agent")
    assert (answer.model, answer.input_tokens, answer.cost) == ("gpt-4o-mini", 7, 500_000)
    assert answer.sent_at == dt.datetime(2026, 10, 14, 12, 0, 3, tzinfo=dt.UTC)


def test_calls_of_models_stand_for_a_trace_without_its_row(agent: Agent, tmp_path: Path) -> None:
    run(
        agent,
        tmp_path,
        generation(2, "t1", output={"role": "assistant", "content": "Hi!"}),
        generation(1, "t1", userId="42"),
    )
    assert texts() == [("user", "Hello"), ("agent", "Hi!")]
    assert EndUser.objects.get().external_id == "42"


def test_what_a_program_noted_is_no_question(agent: Agent, tmp_path: Path) -> None:
    note = {"id": "e1", "traceId": "t1", "type": "EVENT", "input": "cache miss"}
    call = generation(1, "t1", parentObservationId=None)
    run(agent, tmp_path, {**note, "startTime": "2026-10-14T11:00:00Z"}, call)
    assert texts() == [("user", "Hello"), ("agent", "Step 1")]


def test_pages_of_the_api_and_sessions_are_read(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, {"data": [trace(1, "Hello")], "meta": {"page": 1}})
    inner = [trace(2, "Bye", sessionId=None), trace(3, "Again", sessionId=None)]
    run(agent, tmp_path, {"id": "s9", "projectId": "p", "traces": inner})
    assert set(Session.objects.values_list("external_id", flat=True)) == {"s1", "s9"}
    assert Message.objects.count() == 6


def test_a_trace_that_goes_on_after_a_tool_does_not_ask_again(agent: Agent, tmp_path: Path) -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "price"}}]}
    going_on = [*history("How much?"), call, {"role": "tool", "content": "5"}]
    second = trace(2, input=going_on, output={"role": "assistant", "content": "$5."})
    report, _ = run(agent, tmp_path, second, trace(1, "How much?", output=call))
    assert texts() == [("user", "How much?"), ("agent", "[calls price]"), ("agent", "$5.")]
    assert reasons(report.tally.skipped) == "asked in an earlier trace"


def test_a_question_that_no_earlier_trace_has_is_recorded(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, trace(1, input=[*history("Hello"), {"role": "tool", "content": "5"}]))
    assert texts() == [("user", "Hello"), ("agent", "Sure")]


def test_what_is_missing_is_invented_and_said(agent: Agent, tmp_path: Path) -> None:
    then = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
    row = {"id": "t1", "input": "Hello", "output": "Hi!"}
    _, notes = run(agent, tmp_path, row, user="somebody", time=then, platform="web")
    assert set(Message.objects.values_list("sent_at", flat=True)) == {then}
    assert texts() == [("user", "Hello"), ("agent", "Hi!")]
    user = EndUser.objects.get()
    assert (user.platform, user.external_id) == ("web", "somebody")
    assert "1 traces have no time" in notes
    assert "1 traces have no user and got “somebody”" in notes


def test_a_failure_is_an_answer_that_failed(agent: Agent, tmp_path: Path) -> None:
    failed = generation(
        1, "t1", parentObservationId=None, output=None, level="ERROR", statusMessage="timeout"
    )
    run(agent, tmp_path, failed)
    answer = Message.objects.get(role="agent")
    assert (answer.text, answer.failed, answer.error) == ("", True, "timeout")


def test_traces_without_a_message_are_skipped(agent: Agent, tmp_path: Path) -> None:
    report, _ = run(agent, tmp_path, trace(1, input=None), trace(2, "Hello", output=None))
    assert reasons(report.tally.skipped) == "without a message of a user"
    assert texts() == [("user", "Hello")]


def test_traces_beyond_the_limit_are_read_row_by_row(
    agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MAX_TRACES", 1)
    report, notes = run(agent, tmp_path, trace(1, "Hello"), trace(2, "Bye"))
    assert report.tally.recorded == 4
    assert "more than 1 traces" in notes


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (7, "an object {…} is expected"),
        ({"input": "Hello"}, "without an id"),
        (trace(1, "x", timestamp="yesterday"), "timestamp: yesterday is not a time"),
        (trace(1, "x", userId="x" * 300), "externalId"),
        (trace(1, "x" * 100_001), "text: expected"),
        (trace(1, "x", timestamp="2999-01-01T00:00:00Z"), "ahead of this server's clock"),
    ],
)
def test_rows_that_cannot_be_read_are_named(
    agent: Agent, tmp_path: Path, row: Any, reason: str
) -> None:
    report, _ = run(agent, tmp_path, row, trace(2, "Hello"))
    assert reason in reasons(report.tally.rejected)
    assert Message.objects.filter(text="Hello").exists()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"id,timestamp,input\n", "is not an export of Langfuse"),
        (b'{"id": NaN}', "is not an export of Langfuse"),
        (b'{"id": "1"}\n{"id": ', "damaged in or after record 1"),
    ],
)
def test_other_files_are_refused(
    agent: Agent, tmp_path: Path, content: bytes, problem: str
) -> None:
    with pytest.raises(ImportFileError, match=problem):
        run(agent, tmp_path, content)
    assert not Import.objects.exists()


def test_gzip_a_dry_run_and_undo(agent: Agent, tmp_path: Path) -> None:
    content = gzip.compress(json.dumps([trace(1, "Hello")]).encode())
    dry, _ = run(agent, tmp_path, content, dry_run=True)
    assert (dry.tally.recorded, Message.objects.count()) == (2, 0)
    report, _ = run(agent, tmp_path, content)
    assert report.import_id
    imports.undo(SYSTEM, report.import_id)
    assert not Message.objects.exists()
