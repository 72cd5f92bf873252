"""The pages of analytics."""

import csv
import io
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from frontdesk.agents.access import get_agent_for
from frontdesk.analytics.blocks import BLOCKS, BY_KEY, Block
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope


@dataclass(frozen=True)
class Shown:
    """A block with what it shows."""

    block: Block
    data: Any


@login_required
@require_safe
def agent_page(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    today = timezone.now().astimezone(agent.zone).date()
    query, problems = AnalyticsQuery.parse(request.GET, today)
    scope = Scope([agent], query.platform)
    context = {
        "agent": agent,
        "tab": "analytics",
        "query": query,
        "problems": problems,
        "blocks": [Shown(block, block.load(scope, query)) for block in BLOCKS],
    }
    return render(request, "analytics/agent.html", context)


@login_required
@require_safe
def agent_csv(request: HttpRequest, agent_id: uuid.UUID, key: str) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    if key not in BY_KEY:
        raise Http404("There is no such block.")
    today = timezone.now().astimezone(agent.zone).date()
    query, _ = AnalyticsQuery.parse(request.GET, today)
    table = BY_KEY[key].table(Scope([agent], query.platform), query)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head.title for head in table.heads)
    writer.writerows(table.rows)
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
