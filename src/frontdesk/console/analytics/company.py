"""The analytics of all agents: the page, and its blocks as CSV files."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from frontdesk.accounts.access import agents_for
from frontdesk.analytics.company.query import CompanyQuery
from frontdesk.analytics.company.report import Report
from frontdesk.analytics.scope import Scope
from frontdesk.console.analytics.agent import shown_blocks
from frontdesk.console.analytics.csv_file import csv_response
from frontdesk.console.analytics.picker import Picker


@login_required
@require_safe
@vary_on_headers("HX-Target")  # or Back could show the fragment as a page
def company_page(request: HttpRequest) -> HttpResponse:
    """The report on all agents that the operator may see. htmx gets only the report."""
    query, problems = CompanyQuery.parse(request.GET, timezone.localdate())
    every = list(agents_for(request.user))
    archived = [agent for agent in every if agent.archived_at]
    scope = Scope(
        every if query.archived else [a for a in every if not a.archived_at], query.platform
    )
    context: dict[str, Any] = {"query": query, "problems": problems, "archived": len(archived)}
    if not scope.agents:
        return render(request, "analytics/company_empty.html", context)
    context |= {
        "picker": Picker.of(request.path, query, _("each agent's own zone"), scope),
        "blocks": list(shown_blocks(Report(scope, query).blocks, scope, query, request.path)),
    }
    in_place = request.headers.get("HX-Target", "").endswith("#analytics")
    return render(
        request, "analytics/report.html" if in_place else "analytics/company.html", context
    )


@login_required
@require_safe
def company_csv(request: HttpRequest, key: str) -> HttpResponse:
    """The table of one block."""
    query, _problems = CompanyQuery.parse(request.GET, timezone.localdate())
    agents = agents_for(request.user)
    scope = Scope(list(agents if query.archived else agents.active()), query.platform)
    block = next((block for block in Report(scope, query).blocks if block.key == key), None)
    if block is None:
        raise Http404(_("There is no such block."))
    return csv_response(block.file(scope, query), ("all agents", query.platform, key), query.period)
