"""LangSmith's runs: a trace is a tree of runs, and its root has what the user asked and got."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from frontdesk.agents.models import Agent
from frontdesk.core.json_text import JsonError, loads
from frontdesk.imports.options import Options
from frontdesk.imports.records import Record
from frontdesk.imports.report import Report
from frontdesk.imports.times import read_time
from frontdesk.imports.traces.importing import TraceFormat, import_traces
from frontdesk.imports.traces.spans import Rank, Span, Usage, cost_in, text_in, tokens_in
from frontdesk.ledger.events import EventError

_SESSIONS = ("session_id", "thread_id", "conversation_id")
"""In the metadata. A run's own `session_id` is its project."""
_USERS = ("user_id", "userId", "user", "end_user_id")


def import_langsmith(agent: Agent, path: Path | None, report: Report, options: Options) -> None:
    """Record the roots of runs, with the use of the runs below them. Raises ImportFileError."""
    import_traces(agent, path, report, options, _FORMAT)


def _spans_of(record: Record) -> Iterator[Span]:
    run = record.value
    if not isinstance(run, dict):
        raise EventError("not a run: an object {…} is expected")
    id_ = text_in([run], "id", "run_id")
    if not id_:
        raise EventError("a run without an id")
    if "inputs" not in run and "run_type" not in run:
        raise EventError("not a run: it has neither inputs nor a run_type")
    parents = run.get("parent_run_id") or run.get("parent_run_ids")
    trace = text_in([run], "trace_id") or ("" if parents else id_)
    extra = _object(run.get("extra"))
    metadata = [_object(extra.get("metadata")), _object(run.get("metadata"))]
    start = _time(run, "start_time")
    outputs = _object(run.get("outputs"))
    yield Span(
        id=id_,
        trace=trace or id_,
        rank=Rank.STEP if parents else Rank.ROOT,
        is_model_call=text_in([run], "run_type") == "llm",
        start=start,
        end=_time(run, "end_time") or start,
        input=run.get("inputs"),
        output=run.get("outputs"),
        user=text_in(metadata, *_USERS),
        session=text_in(metadata, *_SESSIONS) or text_in([run], "thread_id"),
        error=text_in([run], "error"),
        usage=_usage(run, extra, metadata, outputs),
    )


def _usage(
    run: dict[str, Any], extra: dict[str, Any], metadata: list[Any], outputs: dict[str, Any]
) -> Usage:
    asked = _object(extra.get("invocation_params"))
    told = _object(outputs.get("llm_output"))
    used = [run, outputs.get("usage_metadata"), told.get("token_usage"), outputs.get("usage")]
    return Usage(
        text_in([told], "model_name", "model")
        or text_in(metadata, "ls_model_name")
        or text_in([asked], "model_name", "model"),
        tokens_in(used, "prompt_tokens", "input_tokens"),
        tokens_in(used, "completion_tokens", "output_tokens"),
        tokens_in([_object(run.get("prompt_token_details"))], "cache_read", "cached_tokens"),
        cost_in([run], "total_cost"),
    )


def _object(value: object) -> dict[str, Any]:
    """An object, which exports to storage have as a text."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = loads(value)
        except JsonError:
            return {}
    return value if isinstance(value, dict) else {}


def _time(run: dict[str, Any], name: str) -> dt.datetime | None:
    """Raises EventError for a time that cannot be read."""
    return read_time(run[name], name) if run.get(name) else None


_FORMAT = TraceFormat("langsmith", "an export of LangSmith's runs", ("runs", "data"), _spans_of)
