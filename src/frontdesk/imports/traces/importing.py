"""Imports traces: reads a file once to find each trace's question and answer, and once to record.

The rows of a trace may be anywhere in the file, and any of them may have what the user asked.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from frontdesk.agents.models import Agent
from frontdesk.imports.errors import Skipped, shorten
from frontdesk.imports.fallbacks import Fallbacks, fallbacks_of
from frontdesk.imports.files import import_file
from frontdesk.imports.options import Options
from frontdesk.imports.progress import progress_bar
from frontdesk.imports.recording import Entry
from frontdesk.imports.records import Record, RecordReader
from frontdesk.imports.report import Report
from frontdesk.imports.source import Source, open_source, read_twice
from frontdesk.imports.traces.exchange import answer_of, question_of
from frontdesk.imports.traces.spans import Span
from frontdesk.imports.traces.trace import Trace
from frontdesk.ledger.events import MAX_ERROR, Event, EventError, parse

MAX_TRACES = 200_000
"""Of one file: what is known about each is in memory."""


class TraceFormat(NamedTuple):
    """A program whose exports have traces.

    `lists` names the members of an object that are lists of rows, `what` its export. `spans_of`
    makes the rows of one record; it raises EventError for a record that is none.
    """

    key: str
    what: str
    lists: Collection[str]
    spans_of: Callable[[Record], Iterable[Span]]


def import_traces(
    agent: Agent, path: Path | None, report: Report, options: Options, format_: TraceFormat
) -> None:
    """Record one question and one answer of each trace. Raises ImportFileError."""
    path = read_twice(path)
    fallbacks = fallbacks_of(path, options)
    with open_source(path) as source:
        found = _survey(source, format_, report)
    converter = _Converter(found, fallbacks, options.platform or "api")

    def entries(source: Source) -> Iterator[Entry]:
        for record in _records(source, format_):
            yield from converter.entries(record, format_)

    try:
        import_file(agent, path, report, format_.key, entries, repeats=True)
    finally:
        fallbacks.report(report, "traces")


def _records(source: Source, format_: TraceFormat) -> Iterator[Record]:
    return RecordReader(source, format_.lists, format_.what).records()


@dataclass
class _Survey:
    """The result of the first pass. `asked` has the session and the text of each new question."""

    traces: dict[str, Trace] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)

    def observe(self, span: Span) -> bool:
        """Take a row into account; whether there was room for its trace."""
        trace = self.traces.get(span.trace)
        if trace is None:
            if len(self.traces) >= MAX_TRACES:
                return False
            trace = self.traces[span.trace] = Trace()
        question = trace.observe(span)
        if question and not question.was_asked and trace.session:
            self.asked.add(hash((trace.session, question.text)))
        return True


def _survey(source: Source, format_: TraceFormat, report: Report) -> _Survey:
    """Read a file once. Raises ImportFileError if it is no such export, or damaged."""
    found = _Survey()
    is_full = False
    with progress_bar("Reading traces", source) as show:
        for record in _records(source, format_):
            for span in _spans(record, format_):
                is_full |= not found.observe(span)
            if record.number % 1_000 == 0:
                show()
    if is_full:
        report.notice(
            f"The file has more than {MAX_TRACES:,} traces. Each row of the others is read alone:"
            " export them in parts if they have several."
        )
    return found


def _spans(record: Record, format_: TraceFormat) -> list[Span]:
    try:
        return list(format_.spans_of(record))
    except EventError:  # reported when it is recorded
        return []


class _Converter:
    """Converts the rows that have a trace's question or answer to events."""

    def __init__(self, found: _Survey, fallbacks: Fallbacks, platform: str) -> None:
        self._found = found
        self._fallbacks = fallbacks
        self._platform = platform

    def entries(self, record: Record, format_: TraceFormat) -> Iterator[Entry]:
        try:
            spans = list(format_.spans_of(record))
        except EventError as error:
            yield Entry(record, error.reason)
            return
        for span in spans:
            where = f"{record} trace {shorten(span.trace, 40)}"
            trace = self._found.traces.get(span.trace)
            if trace is None:
                trace = Trace()
                trace.observe(span)
            try:
                for event in self._events(span, trace):
                    yield Entry(where, event)
            except Skipped as skipped:
                yield Entry(where, skipped)
            except EventError as error:
                yield Entry(where, error.reason)

    def _events(self, span: Span, trace: Trace) -> Iterator[Event | Skipped]:
        has_question, has_answer = trace.has_question(span), trace.has_answer(span)
        if trace.question is None:
            raise Skipped("without a message of a user")
        if not (has_question or has_answer):
            raise Skipped("a step of a trace")
        time = trace.asked or trace.answered or self._fallbacks.give_time()
        common = {
            "platform": self._platform,
            "externalId": trace.user or self._fallbacks.give_user(),
            "sessionId": trace.session or None,
        }
        question = question_of(span.input) if has_question else None
        if question and question.was_asked and self._is_known(trace.session, question.text):
            yield Skipped("asked in an earlier trace")
        elif question:
            id_ = f"{span.trace}:question"
            asked = {"role": "user", "time": time, "messageId": id_, "text": question.text}
            yield parse({**common, **asked})
        failed = bool(trace.error) and trace.answer is None
        if has_answer or failed:
            yield parse({**common, **_answer(span, trace, time)})

    def _is_known(self, session: str, question: str) -> bool:
        return hash((session, question)) in self._found.asked


def _answer(span: Span, trace: Trace, asked: dt.datetime) -> dict[str, Any]:
    answered = max(trace.answered or asked, asked)
    latency = int((answered - asked).total_seconds() * 1_000)
    return {
        "role": "agent",
        "time": answered,
        "messageId": f"{span.trace}:answer",
        "text": answer_of(span.output),
        "error": trace.error[:MAX_ERROR] or None,
        "latencyMs": latency if answered > asked else None,
        **trace.whole_usage().fields(),
    }
