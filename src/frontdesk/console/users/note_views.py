"""Operators' notes on a user."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from frontdesk.agents.models import Agent
from frontdesk.console.forms import posted
from frontdesk.console.operators import current_actor
from frontdesk.console.sheets import STALE, close_sheet, serve_sheet
from frontdesk.console.users.action_forms import NoteForm
from frontdesk.console.users.profile_views import show_profile
from frontdesk.console.users.subject import Subject, get_user_for, not_found_if_erased, profile_url
from frontdesk.ledger.models import EndUser
from frontdesk.people import actions
from frontdesk.people.models import Note


@login_required
@require_POST
def add_note(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """Write a note. An invalid one stays in its text area, with the reason."""
    agent, user = get_user_for(request.user, agent_id, user_id)
    text = request.POST.get("text", "")
    try:
        with not_found_if_erased():
            actions.add_note(current_actor(request), agent, user, text)
    except actions.ActionError as error:
        problem = {"note_text": text, "note_problem": error.message}
        return show_profile(request, Subject(agent, [user]), problem, status=422)
    messages.success(request, _("The note is added."))
    if request.headers.get("HX-Request"):  # stay on the page: the user's or the person's
        return HttpResponse(status=204, headers={"HX-Trigger": STALE})
    return redirect(profile_url(user))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_note(
    request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID, note_id: uuid.UUID
) -> HttpResponse:
    """Change the operator's own note."""
    agent, user, note = _own_note(request, agent_id, user_id, note_id)
    form = NoteForm(posted(request), initial={"text": note.text})

    def act() -> HttpResponse:
        with not_found_if_erased():
            actions.edit_note(current_actor(request), agent, user, note, form.cleaned_data["text"])
        return close_sheet(request, profile_url(user), _("The note is saved."))

    context = {"agent": agent, "tab": "users", "main": user, "note": note}
    return serve_sheet(request, "users/actions/edit_note.html", context, act, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_note(
    request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID, note_id: uuid.UUID
) -> HttpResponse:
    """Ask, then delete the operator's own note."""
    agent, user, note = _own_note(request, agent_id, user_id, note_id)

    def act() -> HttpResponse:
        with not_found_if_erased():
            actions.delete_note(current_actor(request), agent, user, note)
        return close_sheet(request, profile_url(user), _("The note is deleted."))

    context = {"agent": agent, "tab": "users", "main": user, "note": note}
    return serve_sheet(request, "users/actions/delete_note.html", context, act)


def _own_note(
    request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID, note_id: uuid.UUID
) -> tuple[Agent, EndUser, Note]:
    """Raises Http404 for a note that no longer exists or is another operator's."""
    agent, user = get_user_for(request.user, agent_id, user_id)
    own = Note.objects.filter(end_user_id=user.id, author_id=request.user.pk)
    return agent, user, get_object_or_404(own, id=note_id)
