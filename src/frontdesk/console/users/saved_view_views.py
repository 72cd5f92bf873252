"""Saved views: a list of users under a name."""

import uuid

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents.models import Agent
from frontdesk.console.forms import posted
from frontdesk.console.operators import current_operator
from frontdesk.console.sheets import close_sheet, go_to, serve_sheet
from frontdesk.console.users.list_views import listing_of
from frontdesk.console.users.listing import Listing
from frontdesk.people.models import SavedView
from frontdesk.people.table import columns, filter_labels, saved_views
from frontdesk.people.table.rows import PlanAndTagNames
from frontdesk.people.table.saved_views import ViewError
from frontdesk.people.table.users_query import UsersQuery
from frontdesk.people.validation import ActionError


class ViewForm(forms.Form):
    """The name of a view, and who sees it."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    is_shared = forms.BooleanField(required=False)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def views(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Ask for the name of a new view, and save the list of this address under it."""
    agent = get_agent_for(request.user, agent_id)
    operator = current_operator(request)
    listing = listing_of(agent, operator, request.META["QUERY_STRING"])
    form = ViewForm(posted(request))

    def act() -> HttpResponse:
        shown = [column.key for column in columns.chosen(operator, listing.columns)]
        name, is_shared = form.cleaned_data["name"], form.cleaned_data["is_shared"]
        try:
            saved = saved_views.save(operator, agent, name, is_shared, listing.query, shown)
        except ViewError as error:
            raise ActionError("view", str(error)) from None
        url = listing.url_of(saved_views.view_of(saved))
        return go_to(request, url, _("The view “%(name)s” is saved.") % {"name": saved.name})

    context = {
        "agent": agent,
        "tab": "users",
        "form_url": request.get_full_path(),
        "rule": filter_labels.describe(listing.address, PlanAndTagNames.of(agent)),
        "back": listing.url(),
    }
    return serve_sheet(request, "users/view_form.html", context, act, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, agent_id: uuid.UUID, view_id: uuid.UUID) -> HttpResponse:
    """Rename the operator's own view, share it, or stop sharing it."""
    agent, saved = _own(request, agent_id, view_id)
    initial = {"name": saved.name, "is_shared": saved.is_shared}
    form = ViewForm(posted(request), initial=initial)

    def act() -> HttpResponse:
        name, is_shared = form.cleaned_data["name"], form.cleaned_data["is_shared"]
        saved_views.rename(current_operator(request), saved, name, is_shared)
        text = _("The view is now named “%(name)s”.") % {"name": name}
        return close_sheet(request, _url(agent, saved), text)

    context = {
        "agent": agent,
        "tab": "users",
        "view": saved,
        "form_url": request.path,
        "rule": filter_labels.describe(saved.query, PlanAndTagNames.of(agent)),
        "back": _url(agent, saved),
    }
    return serve_sheet(request, "users/view_form.html", context, act, form)


@login_required
@require_POST
def update_view(request: HttpRequest, agent_id: uuid.UUID, view_id: uuid.UUID) -> HttpResponse:
    """Make the operator's own view show the list as it is now."""
    agent, saved = _own(request, agent_id, view_id)
    operator = current_operator(request)
    listing = listing_of(agent, operator, request.POST.get("list", ""))
    shown = [column.key for column in columns.chosen(operator, listing.columns)]
    saved_views.update(operator, saved, listing.query, shown)
    saved.refresh_from_db()
    text = _("The view “%(name)s” is saved.") % {"name": saved.name}
    return go_to(request, _url(agent, saved), text)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_view(request: HttpRequest, agent_id: uuid.UUID, view_id: uuid.UUID) -> HttpResponse:
    """Ask, then delete the operator's own view."""
    agent, saved = _own(request, agent_id, view_id)

    def act() -> HttpResponse:
        saved_views.delete(current_operator(request), saved)
        text = _("“%(name)s” is deleted.") % {"name": saved.name}
        return go_to(request, reverse("users:users", args=[agent.id]), text)

    context = {"agent": agent, "tab": "users", "view": saved, "form_url": request.path}
    context["back"] = _url(agent, saved)
    return serve_sheet(request, "users/view_delete.html", context, act)


def _own(request: HttpRequest, agent_id: uuid.UUID, view_id: uuid.UUID) -> tuple[Agent, SavedView]:
    agent = get_agent_for(request.user, agent_id)
    saved = saved_views.own(agent, current_operator(request), view_id)
    if saved is None:
        raise Http404(_("There is no such view, or it is another operator's."))
    return agent, saved


def _url(agent: Agent, saved: SavedView) -> str:
    return Listing(agent, UsersQuery()).url_of(saved_views.view_of(saved))
