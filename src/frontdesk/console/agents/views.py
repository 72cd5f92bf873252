"""The agents' cards, creating an agent, and opening its first page."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from frontdesk.accounts.access import agents_for, get_agent_for
from frontdesk.agents import actions
from frontdesk.agents.models import Agent
from frontdesk.analytics.overview import Figures, figures_of
from frontdesk.channels.base import Channel, Connection
from frontdesk.channels.registry import connections_by_agent
from frontdesk.console.agents.forms import AgentForm, new_agent
from frontdesk.console.forms import status_of
from frontdesk.console.operators import current_actor, current_operator
from frontdesk.core.charts.sparkline import Sparkline, sparkline


@dataclass(frozen=True)
class Card:
    agent: Agent
    figures: Figures
    spark: Sparkline
    channels: list[tuple[Channel, Connection]]


@login_required
@require_safe
def list_agents(request: HttpRequest) -> HttpResponse:
    agents = list(agents_for(request.user))
    archived = [agent for agent in agents if agent.archived_at]
    show_archived = "archived" in request.GET
    shown = [agent for agent in agents if not agent.archived_at] + archived * show_archived
    context = {"cards": _cards(shown), "archived": len(archived), "show_archived": show_archived}
    return render(request, "agents/list.html", context)


def _cards(agents: list[Agent]) -> list[Card]:
    figures, channels = figures_of(agents), connections_by_agent([agent.id for agent in agents])
    sparks = {id_: sparkline(own.daily) for id_, own in figures.items()}
    return [Card(a, figures[a.id], sparks[a.id], channels[a.id]) for a in agents]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    agent = new_agent(current_operator(request).time_zone)
    form = AgentForm(request.POST or None, instance=agent)
    if form.is_valid():
        actions.create_agent(current_actor(request), agent)
        next_step = reverse("backends:backend", args=[agent.id])
        text = _('{agent} is created. To let it answer here, <a href="{url}">choose a backend</a>.')
        messages.success(request, format_html(text, agent=agent.name, url=next_step))
        return redirect("agents:open", agent.id)
    return render(request, "agents/create.html", {"form": form}, status=status_of(form))


@login_required
@require_safe
def open_agent(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """The target of Open: the first of the agent's tabs."""
    return redirect("analytics:agent", get_agent_for(request.user, agent_id).id)
