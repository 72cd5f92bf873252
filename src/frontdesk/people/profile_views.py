"""One user's profile."""

import datetime as dt
import itertools
import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from frontdesk.accounts.models import Operator
from frontdesk.accounts.views import current_operator
from frontdesk.agents.access import get_agent_for
from frontdesk.ledger.models import EndUser, Message
from frontdesk.people import history
from frontdesk.people.history import Cursor, HistoryPage
from frontdesk.people.profile import totals


@login_required
@require_safe
def user(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """Who a user is, the totals, and the messages page by page."""
    agent = get_agent_for(request.user, agent_id)
    person = get_object_or_404(EndUser, agent=agent, id=user_id)
    page = _history(request, person, current_operator(request))
    context = {
        "agent": agent,
        "tab": "users",
        "person": person,
        "page": page,
        "days": _by_day(page.messages),
        "is_newest": page.later is None,
        "figures": totals(person),
        "zone": timezone.get_current_timezone_name(),
    }
    return render(request, "people/user.html", context)


def _history(request: HttpRequest, person: EndUser, operator: Operator) -> HistoryPage:
    """The page of messages that the address names; raises Http404 for one that names none."""
    given = request.GET
    try:
        if given.get("before"):
            return history.before(person, Cursor.parse(given["before"]))
        if given.get("after"):
            return history.after(person, Cursor.parse(given["after"]))
        if given.get("date"):
            day = dt.date.fromisoformat(given["date"])
            start = dt.datetime.combine(day, dt.time.min, operator.zone)
            return history.from_time(person, start.astimezone(dt.UTC))
        if given.get("message"):
            message = Message.objects.filter(
                end_user_id=person.id, id=uuid.UUID(given["message"])
            ).first()
            at = Cursor.of(message) if message else None
            return history.starting_at(person, at) if at else _no_such_place()
    except (ValueError, OverflowError):
        return _no_such_place()
    return history.newest(person)


def _no_such_place() -> HistoryPage:
    raise Http404("There is no such place in this history.")


def _by_day(messages: list[Message]) -> list[tuple[dt.date, list[Message]]]:
    grouped = itertools.groupby(messages, key=lambda m: timezone.localtime(m.sent_at).date())
    return [(day, list(group)) for day, group in grouped]
