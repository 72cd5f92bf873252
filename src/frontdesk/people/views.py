"""The Users page of an agent."""

import datetime as dt
import logging
import uuid
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from frontdesk.accounts.models import Operator
from frontdesk.accounts.views import current_operator
from frontdesk.agents.access import get_agent_for
from frontdesk.people import columns
from frontdesk.people.filters import DEFAULT_SIZE, PAGE_SIZES, Problem, UsersQuery
from frontdesk.people.listing import (
    Head,
    Listing,
    days_with_words,
    facet_choices,
    newest_message_at,
    ranges_with_words,
)
from frontdesk.people.query import TooSlowError, count_new, users_page

logger = logging.getLogger(__name__)


@login_required
@require_safe
@vary_on_headers("HX-Request-Type")  # or Back could show the fragment as the page
def users(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Everybody who has talked to the agent. htmx gets the list alone, from the same fragment."""
    agent = get_agent_for(request.user, agent_id)
    operator = current_operator(request)
    remembered = _page_size(operator)
    query, problems = UsersQuery.parse(request.GET, operator.zone, remembered)
    if query.size not in PAGE_SIZES:  # the links to other pages would not go on in that size
        query = replace(query, size=remembered)
        problems.append(Problem("page_size", f"the sizes are {', '.join(map(str, PAGE_SIZES))}"))
    elif query.size != remembered:
        operator.remember(page_size=query.size)
    listing = Listing(agent, query, live=request.GET.get("live") == "1")
    context = {"agent": agent, "tab": "users", "problems": problems, **_around(listing)}
    context |= {"columns": columns.offered(operator), "heads": _heads(listing, operator)}
    context |= _rows(listing)
    if request.headers.get("HX-Request-Type") != "partial":
        return render(request, "people/users.html", context)
    response = render(request, "people/list.html", context)
    if request.get_full_path() != listing.here:  # a form's address names its empty fields too
        response["HX-Replace-Url" if _is_typing_on(request) else "HX-Push-Url"] = listing.here
    return response


@login_required
@require_safe
def new_users(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """How many of the list's users have written since it was made: asked every few seconds."""
    agent = get_agent_for(request.user, agent_id)
    query, _ = UsersQuery.parse(request.GET, current_operator(request).zone)
    try:
        since = dt.datetime.fromisoformat(request.GET.get("since", ""))
        found = count_new(agent, query, since if since.tzinfo else since.replace(tzinfo=dt.UTC))
    except (ValueError, OverflowError):
        return HttpResponse("since is not a time", status=422, content_type="text/plain")
    except TooSlowError:
        found = 0  # the next question may be answered; a count is no reason to disturb
    context = {"found": found, "listing": Listing(agent, query)}
    return render(request, "people/new.html", context)


@login_required
@require_POST
def save_columns(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Remember which columns the operator wants, in which order; `move` shifts one of them."""
    agent = get_agent_for(request.user, agent_id)
    operator = current_operator(request)
    if "reset" in request.POST:
        columns.choose(operator, columns.DEFAULT)
    else:
        shown = request.POST.getlist("column")
        key, _, direction = request.POST.get("move", "").partition(":")
        columns.choose(operator, columns.move(shown, key, {"up": -1, "down": 1}.get(direction, 0)))
    following = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(following, {request.get_host()}):
        following = Listing(agent, UsersQuery()).url()
    return redirect(following)


def _is_typing_on(request: HttpRequest) -> bool:
    """Whether a search goes on that is in the address already: Back then leaves all of it."""
    before = parse_qs(urlsplit(request.headers.get("HX-Current-URL", "")).query)
    is_search = request.headers.get("HX-Source") == "form#users-form"
    return is_search and "q" in before and bool(request.GET.get("q"))


def _page_size(operator: Operator) -> int:
    size = operator.preferences.get("page_size")
    return size if size in PAGE_SIZES else DEFAULT_SIZE


def _heads(listing: Listing, operator: Operator) -> list[Head]:
    return listing.heads(columns.chosen(operator))


def _around(listing: Listing) -> dict[str, Any]:
    """All of the page but its rows: it is shown too when these cannot be had."""
    agent, query = listing.agent, listing.query
    chips = list(listing.chips())
    return {
        "query": query,
        "listing": listing,
        "chips": chips,
        "filters_in_force": len(chips) - bool(query.q),
        "platforms": facet_choices(agent, "platform", query.platforms),
        "languages": facet_choices(agent, "language", query.languages),
        "dates": days_with_words(query),
        "ranges": ranges_with_words(query),
        "zone": timezone.get_current_timezone_name(),
    }


def _rows(listing: Listing) -> dict[str, Any]:
    """The page's rows and the ways to other pages, or what went wrong."""
    try:
        poll = listing.poll(newest_message_at(listing.agent))  # first: nobody new may be missed
        page = users_page(listing.agent, listing.query)
    except TooSlowError:
        return {
            "trouble": "These filters together took too long to work out."
            " Narrow the dates, or take a filter away."
        }
    except DatabaseError:
        logger.exception("the users of agent %s could not be listed", listing.agent.id)
        return {"trouble": "The database did not answer. Your search and filters are kept."}
    has_more = page.number < page.pages or (not page.total_is_exact and len(page.rows) == page.size)
    return {
        "page": page,
        "poll": poll,
        "numbers": listing.pages(page),
        "back": listing.url(page=page.number - 1) if page.number > 1 else "",
        "forward": listing.url(page=page.number + 1) if has_more else "",
    }
