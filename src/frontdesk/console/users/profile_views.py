"""The profile of one user, and the profile of a Person: all identities together."""

import datetime as dt
import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from frontdesk.console.operators import current_operator
from frontdesk.console.users import conversation
from frontdesk.console.users.activity import activity
from frontdesk.console.users.conversation import HistoryRequest
from frontdesk.console.users.profile_figures import figures
from frontdesk.console.users.sidebar import sidebar
from frontdesk.console.users.subject import Subject, get_person_for, get_user_for
from frontdesk.people.profiles.figures import Totals, measure, sent_by_day
from frontdesk.people.profiles.medians import medians_of

PRESENCE = dt.timedelta(minutes=5)
"""Users who wrote within this time count as present."""


@login_required
@require_safe
def user(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """One user: figures, activity, history and actions."""
    agent, found = get_user_for(request.user, agent_id, user_id)
    return show_profile(request, Subject(agent, [found]))


@login_required
@require_safe
def person(request: HttpRequest, agent_id: uuid.UUID, person_id: uuid.UUID) -> HttpResponse:
    """All identities of a Person: totals are summed, histories interleaved."""
    return show_profile(request, get_person_for(request.user, agent_id, person_id))


def show_profile(
    request: HttpRequest, subject: Subject, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Render the page; `more` adds values for its template."""
    wanted = HistoryRequest.parse(request.GET.dict(), current_operator(request).zone)
    context = {
        "agent": subject.agent,
        "tab": "users",
        "subject": subject,
        "main": subject.main,
        "zone": timezone.get_current_timezone_name(),
        **_figures(subject),
        **sidebar(subject, _notes_page(request.GET.get("notes", ""))),
        **conversation.context(subject, wanted),
        **(more or {}),
    }
    return render(request, "users/user.html", context, status=status)


def _figures(subject: Subject) -> dict[str, Any]:
    agent = subject.agent
    sent = sent_by_day(subject.ids)
    today = timezone.now().astimezone(agent.zone).date()
    totals = Totals.of(subject.users)
    medians = medians_of(agent)
    return {
        "totals": totals,
        "is_present": timezone.now() - totals.last_message_at < PRESENCE,
        "figures": figures(totals, measure(totals, list(sent), today), medians),
        "medians": medians,
        "activity": activity(subject.users, sent, today),
    }


def _notes_page(text: str) -> int:
    """The page number of the notes in the address; 1 if it is not a number."""
    is_number = text.isascii() and text.isdigit() and len(text) < 5
    return max(1, int(text)) if is_number else 1
