"""Runs of LangSmith."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from frontdesk.agents.models import Agent
from frontdesk.imports.report import Report
from frontdesk.ledger.models import EndUser, Import, Message, Session
from tests.imports.exports import reasons
from tests.imports.running import run_import
from tests.imports.test_exchange import AI, HISTORY, HUMAN

Json = dict[str, Any]


def root(number: int = 1, **fields: Any) -> Json:
    return {
        "id": f"run-{number}",
        "trace_id": f"run-{number}",
        "parent_run_id": None,
        "name": "LangGraph",
        "run_type": "chain",
        "start_time": f"2026-10-14T12:0{number}:00.000000",
        "end_time": f"2026-10-14T12:0{number}:02.500000",
        "inputs": {"messages": HISTORY},
        "outputs": {"messages": [*HISTORY, {"type": "ai", "content": "$5."}]},
        "extra": {"metadata": {"thread_id": "s1", "user_id": "42"}, "runtime": {}},
        "session_id": "the-project",
        "error": None,
        "status": "success",
        "prompt_tokens": 30,
        "completion_tokens": 5,
        "total_tokens": 35,
        "total_cost": "0.0123",
        "feedback_stats": {},
        **fields,
    }


def call(number: int, **fields: Any) -> Json:
    return {
        "id": f"call-{number}",
        "trace_id": "run-1",
        "parent_run_id": "run-1",
        "run_type": "llm",
        "start_time": "2026-10-14T12:01:01",
        "end_time": "2026-10-14T12:01:02",
        "inputs": {"messages": [[HUMAN]]},
        "outputs": {"generations": [[{"text": "$5.", "message": AI}]]},
        "extra": {"metadata": {"ls_model_name": "gpt-4o-mini"}},
        "prompt_tokens": 15,
        "completion_tokens": 2,
        **fields,
    }


def run(
    agent: Agent, folder: Path, *rows: Any, as_list: bool = False, **options: Any
) -> tuple[Report, str]:
    file = folder / "runs.jsonl"
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    file.write_text(json.dumps({"runs": rows}) if as_list else lines)
    return run_import(agent, file, "langsmith", **options)


def texts() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("sent_at", "position").values_list("role", "text"))


@pytest.mark.parametrize("as_list", [False, True])
def test_only_the_root_of_a_trace_is_recorded(agent: Agent, tmp_path: Path, as_list: bool) -> None:
    report, notes = run(agent, tmp_path, call(2), root(), call(1), as_list=as_list)
    assert texts() == [("user", "How much?"), ("agent", "$5.")]
    assert (EndUser.objects.get().external_id, Session.objects.get().external_id) == ("42", "s1")
    answer = Message.objects.get(role="agent")
    assert (answer.model, answer.input_tokens, answer.output_tokens) == ("gpt-4o-mini", 30, 5)
    assert (answer.cost, answer.latency_ms) == (12_300, 2_500)
    assert answer.sent_at == dt.datetime(2026, 10, 14, 12, 1, 2, 500_000, tzinfo=dt.UTC)
    assert (reasons(report.tally.skipped), notes) == ("a step of a trace", "")
    again, _ = run(agent, tmp_path, root(), as_list=as_list)
    assert again.tally.duplicates == 2
    assert {row.format for row in Import.objects.all()} == {"langsmith"}


def test_a_growing_history_is_recorded_once(agent: Agent, tmp_path: Path) -> None:
    first = root(1, inputs={"messages": HISTORY[:2]}, outputs={"output": "Hi!"})
    run(agent, tmp_path, root(2), first)
    assert [text for _, text in texts()] == ["Hello", "Hi!", "How much?", "$5."]


def test_exports_to_storage_have_objects_as_texts(agent: Agent, tmp_path: Path) -> None:
    row = root()
    for name in ("inputs", "outputs", "extra"):
        row[name] = json.dumps(row[name])
    run(agent, tmp_path, row)
    assert texts() == [("user", "How much?"), ("agent", "$5.")]
    assert EndUser.objects.get().external_id == "42"


def test_a_call_that_is_a_root_has_its_own_use(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, call(1, id="run-1", parent_run_id=None, total_cost=0.001))
    answer = Message.objects.get(role="agent")
    assert (answer.model, answer.input_tokens, answer.cost) == ("gpt-4o-mini", 15, 1_000)


def test_a_failed_run_is_an_answer_that_failed(agent: Agent, tmp_path: Path) -> None:
    _, notes = run(agent, tmp_path, root(outputs=None, error="Timeout()", extra=None))
    answer = Message.objects.get(role="agent")
    assert (answer.failed, answer.error) == (True, "Timeout()")
    assert "1 traces have no user and got “unknown”" in notes


def test_steps_without_their_root_are_skipped(agent: Agent, tmp_path: Path) -> None:
    report, _ = run(agent, tmp_path, call(1), call(2))
    assert report.tally.skipped["without a message of a user"].count == 2
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ([], "an object {…} is expected"),
        ({"inputs": {}}, "a run without an id"),
        ({"id": "x", "input": "Hello"}, "neither inputs nor a run_type"),
        (root(2, start_time="soon"), "start_time: soon is not a time"),
    ],
)
def test_rows_that_are_no_runs_are_named(
    agent: Agent, tmp_path: Path, row: Any, reason: str
) -> None:
    report, _ = run(agent, tmp_path, [row], root(), as_list=False)
    assert reason in reasons(report.tally.rejected)
    assert report.tally.recorded == 2
