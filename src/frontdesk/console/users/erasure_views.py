"""Erasing and anonymizing a user, and the receipts of both."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontdesk.accounts.access import get_agent_for
from frontdesk.console.forms import posted, status_of
from frontdesk.console.operators import current_actor
from frontdesk.console.users.action_forms import AnonymizeForm, EraseForm
from frontdesk.console.users.subject import get_user_for, not_found_if_erased
from frontdesk.ledger.models import Erasure, Tombstone
from frontdesk.ledger.receipts import receipt
from frontdesk.people import actions

PAGE_SIZE = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """Explain what is removed and what stays, ask for the name, then lead to the receipt."""
    agent, user = get_user_for(request.user, agent_id, user_id)
    form = EraseForm(user.label, "erase", posted(request))
    if form.is_valid():
        may_return = form.cleaned_data["may_return"]
        with not_found_if_erased():
            erasure = actions.erase(current_actor(request), agent, user.id, may_return=may_return)
        return redirect("users:erasure", agent.id, erasure.id)
    context = {"agent": agent, "tab": "users", "main": user, "form": form}
    return render(request, "users/erasures/erase.html", context, status=status_of(form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def anonymize(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """The same for removing only a user's identity."""
    agent, user = get_user_for(request.user, agent_id, user_id)
    form = AnonymizeForm(user.label, "anonymize", posted(request))
    if form.is_valid():
        data = form.cleaned_data
        with not_found_if_erased():
            erasure = actions.anonymize(
                current_actor(request),
                agent,
                user.id,
                keep_texts=data["keep_texts"],
                may_return=data["may_return"],
            )
        return redirect("users:erasure", agent.id, erasure.id)
    context = {"agent": agent, "tab": "users", "main": user, "form": form}
    return render(request, "users/erasures/anonymize.html", context, status=status_of(form))


@login_required
@require_safe
def erasures(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """All erasures of the agent's users, newest first."""
    agent = get_agent_for(request.user, agent_id)
    found = Paginator(Erasure.objects.filter(agent=agent), PAGE_SIZE)
    page = found.get_page(request.GET.get("page"))
    context = {"agent": agent, "tab": "users", "page": page}
    return render(request, "users/erasures/list.html", context)


@login_required
@require_safe
def erasure(request: HttpRequest, agent_id: uuid.UUID, erasure_id: uuid.UUID) -> HttpResponse:
    """The progress of an erasure, which the page polls, and its receipt once it is done."""
    agent = get_agent_for(request.user, agent_id)
    found = get_object_or_404(Erasure, agent=agent, id=erasure_id)
    removed = sum(found.tables.values())
    context = {
        "agent": agent,
        "tab": "users",
        "erasure": found,
        "rows": removed,
        "percent": min(100, removed * 100 // found.total) if found.total else 100,
        "tables": sorted(found.tables.items()),
        "tombstone": Tombstone.objects.filter(agent=agent, digest=found.digest).first(),
    }
    return render(request, "users/erasures/receipt.html", context)


@login_required
@require_safe
def download(request: HttpRequest, agent_id: uuid.UUID, erasure_id: uuid.UUID) -> HttpResponse:
    """The signed receipt as a file."""
    agent = get_agent_for(request.user, agent_id)
    found = get_object_or_404(Erasure, agent=agent, id=erasure_id)
    try:
        content = receipt(found)
    except ValueError:
        raise Http404(_("There is no receipt while the erasure is in progress.")) from None
    response = HttpResponse(content, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="receipt-{found.id}.json"'
    return response


@login_required
@require_POST
def allow_return(request: HttpRequest, agent_id: uuid.UUID, erasure_id: uuid.UUID) -> HttpResponse:
    """Allow the identity to be recorded again."""
    agent = get_agent_for(request.user, agent_id)
    found = get_object_or_404(Erasure, agent=agent, id=erasure_id)
    actions.allow_return(current_actor(request), agent, found)
    messages.success(request, _("New messages from this person are recorded again."))
    return redirect("users:erasure", agent.id, found.id)
