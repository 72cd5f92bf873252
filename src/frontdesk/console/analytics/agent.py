"""The analytics of one agent: the page, and its blocks as CSV files."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks import BLOCKS, BY_KEY, Block
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.console.analytics.csv_file import csv_response
from frontdesk.console.analytics.picker import Picker
from frontdesk.core.http.parameters import Problem
from frontdesk.ledger.models import EndUser


@dataclass(frozen=True)
class ShownBlock:
    """A block, its data, and the address of its CSV file."""

    block: Block
    data: Any
    csv_url: str


@login_required
@require_safe
@vary_on_headers("HX-Target")  # or Back could show the fragment as a page
def agent_page(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """The report on one agent. htmx gets only the report."""
    agent = get_agent_for(request.user, agent_id)
    query, problems = _query(request, agent)
    context = {"agent": agent, "tab": "analytics", "query": query, "problems": problems}
    if not EndUser.objects.filter(agent=agent).exists():
        return render(request, "analytics/nothing_yet.html", context)
    scope = _scope(agent, query)
    context |= {
        "picker": Picker.of(request.path, query, agent.time_zone, scope),
        "blocks": list(
            shown_blocks(BLOCKS, scope, query, reverse("analytics:agent", args=[agent.id]))
        ),
    }
    in_place = request.headers.get("HX-Target", "").endswith("#analytics")
    return render(request, "analytics/report.html" if in_place else "analytics/agent.html", context)


@login_required
@require_safe
def agent_csv(request: HttpRequest, agent_id: uuid.UUID, key: str) -> HttpResponse:
    """The table of one block."""
    agent = get_agent_for(request.user, agent_id)
    if key not in BY_KEY:
        raise Http404(_("There is no such block."))
    query, _problems = _query(request, agent)
    table = BY_KEY[key].file(_scope(agent, query), query)
    return csv_response(table, (agent.name, query.platform, key), query.period)


def shown_blocks(
    blocks: Iterable[Block], scope: Scope, query: AnalyticsQuery, path: str
) -> Iterable[ShownBlock]:
    """The blocks with their data. `path` is the address of the page; CSV files are below it."""
    address = urlencode(query.params())
    for block in blocks:
        csv_url = f"{path}/{block.key}.csv" + (f"?{address}" if address else "")
        yield ShownBlock(block, block.load(scope, query), csv_url)


def _query(request: HttpRequest, agent: Agent) -> tuple[AnalyticsQuery, list[Problem]]:
    """The query of the request. Today is the date in the agent's zone."""
    return AnalyticsQuery.parse(request.GET, timezone.now().astimezone(agent.zone).date())


def _scope(agent: Agent, query: AnalyticsQuery) -> Scope:
    return Scope([agent], query.platform, users_page=reverse("users:users", args=[agent.id]))
