"""Langfuse's traces and observations, as its pages, its API and its exports to storage have them.

Names are camelCase in pages and API, and snake_case in storage.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard

from frontdesk.agents.models import Agent
from frontdesk.imports.options import Options
from frontdesk.imports.records import Record
from frontdesk.imports.report import Report
from frontdesk.imports.times import read_time
from frontdesk.imports.traces.importing import TraceFormat, import_traces
from frontdesk.imports.traces.spans import Rank, Span, Usage, cost_in, number_in, text_in, tokens_in
from frontdesk.ledger.events import EventError

_MODEL_CALL = "GENERATION"
_NOTE = "EVENT"
"""What a program noted at some moment."""
_DAY = 86_400
MAX_KINDS = 100
"""Of tokens, of which there are a dozen."""


def import_langfuse(agent: Agent, path: Path | None, report: Report, options: Options) -> None:
    """Record traces, with or without their observations. Raises ImportFileError."""
    import_traces(agent, path, report, options, _FORMAT)


def _spans_of(record: Record) -> Iterator[Span]:
    row = record.value
    if not isinstance(row, dict):
        raise EventError("not a trace or an observation: an object {…} is expected")
    trace = row["trace"] if isinstance(row.get("trace"), dict) else row
    if _is_observation(trace):
        yield _observation(trace, {})
        return
    whole = _trace(trace, text_in([record.outer], "id"))
    observations = _list(row, "observations") or _list(trace, "observations")
    inner = [_observation(one, trace) for one in observations if isinstance(one, dict)]
    ends = [span.end for span in inner if span.end]
    whole.end = max(ends, default=whole.end)
    yield whole
    yield from inner


def _is_observation(row: dict[str, Any]) -> bool:
    return bool(text_in([row], "traceId", "trace_id", "parentObservationId")) or (
        text_in([row], "type") in (_MODEL_CALL, "SPAN", _NOTE)
    )


def _trace(row: dict[str, Any], session: str) -> Span:
    id_ = text_in([row], "id")
    if not id_:
        raise EventError("a trace or an observation without an id")
    start = _time(row, "timestamp", "startTime", "createdAt")
    seconds = number_in([row], "latency")
    latency = dt.timedelta(seconds=min(float(seconds or 0), _DAY))
    return Span(
        id=id_,
        trace=id_,
        rank=Rank.TRACE,
        is_model_call=False,
        start=start,
        end=start + latency if start else None,
        input=row.get("input"),
        output=row.get("output"),
        user=text_in([row], "userId", "user_id"),
        session=text_in([row], "sessionId", "session_id") or session,
        usage=_usage(row),
    )


def _observation(row: dict[str, Any], trace: dict[str, Any]) -> Span:
    id_ = text_in([row], "id")
    if not id_:
        raise EventError("a trace or an observation without an id")
    kind = text_in([row], "type").upper()
    is_call = kind == _MODEL_CALL
    is_inner = bool(text_in([row], "parentObservationId", "parent_observation_id"))
    is_root = row.get("isRootObservation", row.get("is_root_observation")) is True or not is_inner
    is_error = text_in([row], "level") == "ERROR"
    message = text_in([row], "statusMessage", "status_message") if is_error else ""
    start = _time(row, "startTime", "start_time", "timestamp")
    return Span(
        id=id_,
        trace=text_in([row, trace], "traceId", "trace_id") or text_in([trace], "id") or id_,
        rank=_rank(kind, is_root=is_root),
        is_model_call=is_call,
        start=start,
        end=_time(row, "endTime", "end_time") or start,
        input=row.get("input"),
        output=row.get("output"),
        user=text_in([row], "userId", "user_id"),
        session=text_in([row], "sessionId", "session_id"),
        error=message or ("failed" if is_error else ""),
        usage=_usage(row),
    )


def _rank(kind: str, *, is_root: bool) -> Rank:
    if is_root and kind != _NOTE:
        return Rank.ROOT
    return Rank.MODEL_CALL if kind == _MODEL_CALL else Rank.STEP


def _usage(row: dict[str, Any]) -> Usage:
    details = row.get("usageDetails") or row.get("usage_details")
    usage = [row.get("usage"), row.get("tokens")]
    costs = [row.get("costDetails"), row.get("cost_details")]
    return Usage(
        text_in([row], "model", "providedModelName", "provided_model_name", "internalModel"),
        _sum(details, "input", "prompt", "cache")
        or tokens_in(usage, "input", "promptTokens", "prompt_tokens", "inputTokens")
        or tokens_in([row], "promptTokens", "inputTokens", "inputUsage", "input_usage"),
        _sum(details, "output", "completion")
        or tokens_in(usage, "output", "completionTokens", "completion_tokens", "outputTokens")
        or tokens_in([row], "completionTokens", "outputTokens", "outputUsage", "output_usage"),
        _cached(details),
        cost_in(costs, "total")
        or cost_in([row], "totalCost", "total_cost", "calculatedTotalCost")
        or cost_in(usage, "totalCost"),
    )


def _sum(details: object, *beginnings: str) -> int | None:
    """The tokens of all kinds whose names begin so: the kinds do not contain each other."""
    kinds = [name for name in details if name.startswith(beginnings)] if _is_kinds(details) else []
    return sum(tokens_in([details], name) or 0 for name in kinds) or None


def _cached(details: object) -> int | None:
    kinds = [n for n in details if "cache" in n and "creat" not in n] if _is_kinds(details) else []
    return sum(tokens_in([details], name) or 0 for name in kinds) or None


def _is_kinds(details: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(details, dict) and len(details) <= MAX_KINDS


def _list(row: dict[str, Any], name: str) -> list[Any]:
    found = row.get(name)
    return found if isinstance(found, list) else []


def _time(row: dict[str, Any], *names: str) -> dt.datetime | None:
    """Raises EventError for a time that cannot be read."""
    for name in names:
        if row.get(name):
            return read_time(row[name], name)
    return None


_FORMAT = TraceFormat(
    "langfuse",
    "an export of Langfuse in JSON",
    ("data", "traces"),
    _spans_of,
)
