"""What all rows of a file say about one trace."""

import datetime as dt

from frontdesk.imports.traces.exchange import Question, answer_of, question_of
from frontdesk.imports.traces.spans import Rank, Span, Usage

_Choice = tuple[Rank, float, str]


class Trace:
    """The rows with its question and its answer, and what is known beside them.

    The question is that of the row that says most about the whole, and of several the earliest;
    the answer is that of the latest.
    """

    __slots__ = (
        "answer",
        "answered",
        "asked",
        "error",
        "question",
        "session",
        "total",
        "usage",
        "user",
    )

    def __init__(self) -> None:
        self.question: _Choice | None = None
        self.answer: _Choice | None = None
        self.asked: dt.datetime | None = None
        self.answered: dt.datetime | None = None
        self.user = self.session = self.error = ""
        self.usage: Usage | None = None  # the sum of the calls of models
        self.total: Usage | None = None  # as the program says

    def observe(self, span: Span) -> Question | None:
        """Take a row into account. Returns the question in it, which may be that of another row."""
        self.user = self.user or span.user
        self.session = self.session or span.session
        if span.is_model_call:
            self.usage = self.usage or Usage()
            self.usage.add(span.usage)
        elif span.rank >= Rank.ROOT and span.usage != Usage():
            self.total = span.usage
        if span.rank >= Rank.ROOT:
            self.error = self.error or span.error
        if span.rank == Rank.STEP:
            return None
        question = question_of(span.input)
        if question:
            choice = (span.rank, -_seconds(span.start), span.id)
            if self.question is None or choice > self.question:
                self.question, self.asked = choice, span.start
        self._observe_answer(span)
        return question

    def _observe_answer(self, span: Span) -> None:
        if answer_of(span.output):
            choice = (span.rank, _seconds(span.end or span.start), span.id)
            if self.answer is None or choice > self.answer:
                self.answer, self.answered = choice, span.end or span.start

    def has_question(self, span: Span) -> bool:
        return self.question is not None and self.question[::2] == (span.rank, span.id)

    def has_answer(self, span: Span) -> bool:
        return self.answer is not None and self.answer[::2] == (span.rank, span.id)

    def whole_usage(self) -> Usage:
        """The program's totals; what they leave out is the sum of the calls."""
        usage, total = self.usage or Usage(), self.total or Usage()
        return Usage(
            *(
                getattr(usage if getattr(total, name) in (None, "") else total, name)
                for name in Usage.__slots__
            )
        )


def _seconds(time: dt.datetime | None) -> float:
    return time.timestamp() if time else 0.0
