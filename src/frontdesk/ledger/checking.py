"""Checks the events of a batch, each alone."""

from collections.abc import Iterator, Sequence

from django.utils import timezone

from frontdesk.ledger.events import Event, EventError, Outcome, check


def check_each(events: Sequence[Event], outcomes: list[Outcome]) -> Iterator[tuple[int, Event]]:
    """Clean the events, and give the valid ones with their index; bad ones are rejected."""
    now = timezone.now()
    for index, event in enumerate(events):
        try:
            check(event, now)
        except EventError as error:
            outcomes[index] = Outcome("rejected", error.reason)
        else:
            yield index, event
