"""The pages of one action on many users: what it asks for, and its progress."""

import uuid
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents.models import Agent
from frontdesk.console.forms import action_errors
from frontdesk.console.operators import current_actor, current_operator
from frontdesk.console.sheets import close_sheet, show_sheet
from frontdesk.console.users.bulk_forms import form_of, params_of
from frontdesk.console.users.selection_forms import UserSelection, sheet_context
from frontdesk.core.formats import number
from frontdesk.people.bulk_actions import bulk as bulk_jobs
from frontdesk.people.models import BulkJob

EXPORT = "export"
DONE = {
    BulkJob.Action.TAGS: gettext_lazy("Tags changed: %(changed)s of %(users)s."),
    BulkJob.Action.PLAN: gettext_lazy("Plan assigned: %(changed)s of %(users)s."),
    BulkJob.Action.BLOCK: gettext_lazy("%(changed)s of %(users)s blocked."),
    BulkJob.Action.UNBLOCK: gettext_lazy("%(changed)s of %(users)s unblocked."),
    BulkJob.Action.ERASE: gettext_lazy("%(changed)s of %(users)s erased."),
}


@login_required
@require_POST
def bulk(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Ask for what an action needs and, when it is confirmed, do it or start it."""
    agent = get_agent_for(request.user, agent_id)
    operator = current_operator(request)
    selection = UserSelection.of(request, agent, operator)
    action = request.POST.get("action_key", "")
    context = sheet_context(agent, operator, selection)
    if selection.count == 0:
        return show_sheet(request, "users/bulk/none_selected.html", context, status=422)
    if action == EXPORT:
        return show_sheet(request, "users/export.html", context)
    if action not in BulkJob.Action.values:
        return HttpResponse(_("There is no such action."), status=422, content_type="text/plain")
    is_confirmed = "confirmed" in request.POST
    form = form_of(action, agent, selection.count, request.POST if is_confirmed else None)
    if form.is_valid():
        with action_errors(form):
            params = params_of(form)
            job = bulk_jobs.start(operator.actor, agent, action, params, selection.users)
            return _started(request, selection, job)
    context["form"] = form
    status = 422 if is_confirmed else 200
    return show_sheet(request, f"users/bulk/{action}.html", context, status)


@login_required
@require_safe
def job(request: HttpRequest, agent_id: uuid.UUID, job_id: uuid.UUID) -> HttpResponse:
    """The progress of an action on many users, and its result; htmx asks again and again."""
    agent = get_agent_for(request.user, agent_id)
    found = get_object_or_404(BulkJob, agent=agent, id=job_id)
    context = {"agent": agent, "tab": "users", "job": found, "list_url": _list_url(request, agent)}
    is_poll = request.headers.get("HX-Request-Type") == "partial"
    return render(request, f"users/bulk/{'progress' if is_poll else 'job'}.html", context)


@login_required
@require_POST
def stop_job(request: HttpRequest, agent_id: uuid.UUID, job_id: uuid.UUID) -> HttpResponse:
    """Leave the rest of the users as they are."""
    agent = get_agent_for(request.user, agent_id)
    bulk_jobs.stop(current_actor(request), get_object_or_404(BulkJob, agent=agent, id=job_id))
    return redirect("users:job", agent.id, job_id)


@login_required
@require_POST
def resume_job(request: HttpRequest, agent_id: uuid.UUID, job_id: uuid.UUID) -> HttpResponse:
    """Resume a job that was stopped or has failed."""
    agent = get_agent_for(request.user, agent_id)
    bulk_jobs.resume(current_actor(request), get_object_or_404(BulkJob, agent=agent, id=job_id))
    return redirect("users:job", agent.id, job_id)


def _started(request: HttpRequest, selection: UserSelection, job: BulkJob) -> HttpResponse:
    if job.is_unfinished:
        url = reverse("users:job", args=[job.agent_id, job.id])
        text = _("%(action)s continues in the background.") % {"action": job.get_action_display()}
        return close_sheet(request, url, text)
    counts = {"changed": number(job.changed), "users": selection.words}
    done = str(DONE[BulkJob.Action(job.action)]) % counts
    return close_sheet(request, selection.listing.url(), f"{done} {job.problem}".strip())


def _list_url(request: HttpRequest, agent: Agent) -> str:
    """The list from which htmx asks, or all users."""
    users = reverse("users:users", args=[agent.id])
    asked_from = urlsplit(request.headers.get("HX-Current-URL", ""))
    if asked_from.path == users and asked_from.query:
        return f"{users}?{asked_from.query}"
    return users
