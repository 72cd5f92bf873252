"""Template tags of an agent's settings."""

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from frontdesk.agents.limits import LIMITS
from frontdesk.agents.models import Agent, Plan
from frontdesk.console.settings.forms.limits import Row
from frontdesk.gate.simulation import Simulation

register = template.Library()


@register.simple_tag
def in_place(url: str) -> SafeString:
    """The attributes of a section's form, sent in place or, without JavaScript, as a page.

    The agent's header and the breadcrumbs are updated too.
    """
    return format_html(
        'method="post" action="{}" hx-post="{}" hx-target="#content" hx-select="#content" '
        'hx-swap="outerHTML" hx-select-oob="#agent-head,#crumbs"',
        url,
        url,
    )


@register.simple_tag
def limit_control(row: Row, agent: Agent, plan: Plan | str = "") -> SafeString:
    """The input for a limit, which is simulated while it is typed.

    Without a plan it is the agent's limit. A new plan has no users to simulate it on.
    """
    attrs: dict[str, str | bool] = {
        "class": "form-control",
        "aria-label": f"{row.kind.title}, {row.kind.quantity.unit}",
    }
    is_new = isinstance(plan, Plan) and plan._state.adding
    if row.can_simulate and not is_new:
        url = reverse("agents:try-limit", args=[agent.id, row.kind.key])
        attrs |= {
            "hx-get": f"{url}?plan={plan.id}" if isinstance(plan, Plan) else url,
            "hx-target": f"#tried-{row.kind.key}",
            "hx-swap": "innerHTML",
            "hx-trigger": "input changed delay:400ms",
            "hx-sync": "this:replace",
            "data-quiet": "",
        }
    return row.number.as_widget(attrs=attrs)


@register.simple_tag
def tried_of(tried: dict[str, Simulation], key: str) -> Simulation | None:
    return tried.get(key) if tried else None


@register.simple_tag
def limits_of(plan: Plan) -> SafeString:
    """The limits that a plan sets, one per line, or a dash."""
    lines = [
        (kind.title, kind.in_words(plan.limits[key]))
        for key, kind in LIMITS.items()
        if key in plan.limits
    ]
    if not lines:
        return format_html("{}", "—")
    items = format_html_join("", "<li>{}: <strong>{}</strong></li>", lines)
    return format_html('<ul class="limit-list">{}</ul>', items)
