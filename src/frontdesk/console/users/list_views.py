"""The Users page of an agent."""

import datetime as dt
import logging
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from frontdesk.accounts.access import get_agent_for
from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.console.operators import current_operator
from frontdesk.console.users.cells import shown_rows
from frontdesk.console.users.filter_fields import filter_fields
from frontdesk.console.users.listing import Listing, newest_message_at
from frontdesk.core.http.parameters import Problem
from frontdesk.core.sql.budget import TooSlowError
from frontdesk.ledger.models import ErasedContribution
from frontdesk.people.models import BulkJob, SavedView
from frontdesk.people.table import columns, filter_labels, saved_views
from frontdesk.people.table.columns import Column
from frontdesk.people.table.counting import count_new
from frontdesk.people.table.filter_kinds.times import DaysFilter
from frontdesk.people.table.filters import FILTERS
from frontdesk.people.table.query import persons_of, users_page
from frontdesk.people.table.rows import PlanAndTagNames, rows
from frontdesk.people.table.users_query import DEFAULT_SIZE, PAGE_SIZES, UsersQuery

logger = logging.getLogger(__name__)


@login_required
@require_safe
@vary_on_headers("HX-Target")  # or Back could show the fragment as the page
def users(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """All users of the agent. htmx gets only the list, from the same fragment."""
    agent = get_agent_for(request.user, agent_id)
    operator = current_operator(request)
    listing, problems = _listing(request, agent, operator)
    names = PlanAndTagNames.of(agent)
    shown = columns.chosen(operator, listing.columns)
    context = {"agent": agent, "tab": "users", "problems": problems}
    context |= _frame(listing, names, shown) | _views(listing, operator, names)
    context |= _rows(listing, names, shown)
    if not request.headers.get("HX-Target", "").endswith("#users"):
        return render(request, "users/users.html", context)
    response = render(request, "users/list.html", context)
    if request.get_full_path() != listing.here:  # a form's address includes its empty fields
        response["HX-Replace-Url" if _is_same_search(request) else "HX-Push-Url"] = listing.here
    return response


@login_required
@require_safe
def new_users(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """How many users of the list have written since it was loaded; polled every few seconds."""
    agent = get_agent_for(request.user, agent_id)
    query, _problems = UsersQuery.parse(request.GET, current_operator(request).zone)
    try:
        since = dt.datetime.fromisoformat(request.GET.get("since", ""))
        found = count_new(agent, query, since if since.tzinfo else since.replace(tzinfo=dt.UTC))
    except (ValueError, OverflowError):
        return HttpResponse(_("since is not a time"), status=422, content_type="text/plain")
    except TooSlowError:
        found = 0  # the next attempt may succeed; a missing count is not worth a notice
    context = {"found": found, "listing": Listing.parse(agent, query, request.GET)[0]}
    return render(request, "users/new.html", context)


@login_required
@require_POST
def save_columns(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Show these columns in this order; `move` shifts one of them.

    They are remembered for all lists, unless the list's address names its own.
    """
    agent = get_agent_for(request.user, agent_id)
    operator = current_operator(request)
    listing = listing_of(agent, operator, urlsplit(request.POST.get("next", "")).query)
    key, _, direction = request.POST.get("move", "").partition(":")
    step = {"up": -1, "down": 1}.get(direction, 0)
    shown = columns.valid(columns.move(request.POST.getlist("column"), key, step))
    if "reset" in request.POST:
        columns.choose(operator, columns.DEFAULT)
        return redirect(listing.with_columns(()))
    if listing.columns:
        return redirect(listing.with_columns(shown))
    columns.choose(operator, shown)
    return redirect(listing.here)


def listing_of(agent: Agent, operator: Operator, address: str) -> Listing:
    """The list of a query string; invalid parts of it are ignored."""
    data = QueryDict(address)
    query, _problems = UsersQuery.parse(data, operator.zone)
    return Listing.parse(agent, query, data)[0]


def _listing(
    request: HttpRequest, agent: Agent, operator: Operator
) -> tuple[Listing, list[Problem]]:
    """The list of the request's address; the page size is remembered."""
    remembered = _page_size(operator)
    query, problems = UsersQuery.parse(request.GET, operator.zone, remembered)
    if query.size not in PAGE_SIZES:  # links to other pages could not keep that size
        query = replace(query, size=remembered)
        sizes = _("the sizes are %(sizes)s") % {"sizes": ", ".join(map(str, PAGE_SIZES))}
        problems.append(Problem("page_size", sizes))
    elif query.size != remembered:
        operator.remember(page_size=query.size)
    listing, more = Listing.parse(agent, query, request.GET)
    return listing, problems + more


def _is_same_search(request: HttpRequest) -> bool:
    """Whether this continues the search of the address, so that Back leaves the whole search."""
    before = parse_qs(urlsplit(request.headers.get("HX-Current-URL", "")).query)
    is_search = request.headers.get("HX-Source") == "form#users-form"
    return is_search and "q" in before and bool(request.GET.get("q"))


def _page_size(operator: Operator) -> int:
    size = operator.preferences.get("page_size")
    return size if size in PAGE_SIZES else DEFAULT_SIZE


def _frame(listing: Listing, names: PlanAndTagNames, shown: Sequence[Column]) -> dict[str, Any]:
    """All of the page except its rows, shown even if the rows cannot be read."""
    query = listing.query
    in_force = list(listing.chips(names))
    return {
        "query": query,
        "listing": listing,
        "columns": columns.offered(shown),
        "heads": listing.heads(shown),
        "chips": in_force,
        "filters_in_force": len(in_force) - bool(query.q),
        "filters": filter_fields(listing.agent, query, names),
        "lacks_erased": _lacks_erased(listing),
        "zone": timezone.get_current_timezone_name(),
    }


def _lacks_erased(listing: Listing) -> bool:
    """Whether a number of the analytics that leads here may count erased users as well."""
    if not any(isinstance(FILTERS[name], DaysFilter) for name in listing.query.filters):
        return False
    return ErasedContribution.objects.filter(agent=listing.agent, kind="gap").exists()


def _views(listing: Listing, operator: Operator, names: PlanAndTagNames) -> dict[str, Any]:
    """The tabs of saved views, the current view, and the actions in progress."""
    tabs = listing.tabs(saved_views.views(listing.agent, operator))
    tab = next((tab for tab in tabs if tab.is_current), None)
    current = tab and tab.view
    unfinished = BulkJob.objects.filter(agent=listing.agent, state__in=BulkJob.UNFINISHED)
    return {
        "tabs": tabs,
        "view": current,
        "view_url": tab and tab.url,
        "view_rule": current and (current.rule or filter_labels.describe(current.query, names)),
        "is_unchanged": current is not None and listing.is_unchanged(current),
        "is_own_view": bool(current and current.saved and current.saved.owner_id == operator.pk),
        "view_owner": current and current.saved and _owner(current.saved, operator),
        "save_url": f"{reverse('users:views', args=[listing.agent.id])}?{listing.address}",
        "export_url": f"{reverse('users:export', args=[listing.agent.id])}?{listing.address}",
        "jobs": list(unfinished[:5]),
    }


def _owner(view: SavedView, operator: Operator) -> str:
    """Who owns the view, and who can see it."""
    if view.owner_id != operator.pk:
        name = view.owner.get_full_name() or view.owner.username
        return _("Shared by %(name)s.") % {"name": name}
    if view.is_shared:
        return _("Yours; every operator of the agent sees it.")
    return _("Yours; only you see it.")


def _rows(listing: Listing, names: PlanAndTagNames, shown: Sequence[Column]) -> dict[str, Any]:
    """The page's rows and the links to other pages, or what went wrong."""
    try:
        poll = listing.poll(newest_message_at(listing.agent))  # first, to miss no new users
        page = users_page(listing.agent, listing.query)
        found = shown_rows(rows(names, page.rows), shown)
        persons = persons_of(page)
    except TooSlowError:
        return {
            "trouble": _(
                "These filters together took too long. Narrow the dates, or remove a filter."
            )
        }
    except DatabaseError:
        logger.exception("the users of agent %s could not be listed", listing.agent.id)
        return {"trouble": _("The database did not answer. Your search and filters are kept.")}
    has_more = page.number < page.pages or (not page.total_is_exact and len(page.rows) == page.size)
    return {
        "page": page,
        "persons": persons if persons != page.total else None,
        "rows": found,
        "poll": poll,
        "numbers": listing.pages(page),
        "back": listing.url(page=page.number - 1) if page.number > 1 else "",
        "forward": listing.url(page=page.number + 1) if has_more else "",
    }
