"""Named lists of users: built-in ones, and operators' own."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from frontdesk import audit
from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.people.models import SavedView
from frontdesk.people.table import columns
from frontdesk.people.table.users_query import UsersQuery

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

MAX = 50
"""The most views that one operator can save for one agent."""


@dataclass(frozen=True)
class View:
    """A named list. `query` is its query string; `columns` are its own or, if empty, the
    operator's. `rule` describes it. It is empty for a saved view, which its filters describe."""

    id: str
    name: "_StrOrPromise"
    rule: "_StrOrPromise"
    query: str = ""
    columns: tuple[str, ...] = ()
    saved: SavedView | None = None


BUILT_IN = (
    View("all", _("All"), _("All users who have talked to the agent.")),
    View(
        "new",
        _("New this week"),
        _("First seen in the last 7 days, the newest first."),
        "seen=7d&sort=-first_seen",
        ("name", "platform", "first_seen", "last_message", "sessions", "sent"),
    ),
    View(
        "active",
        _("Active this week"),
        _("Wrote in the last 7 days."),
        "last=7d",
    ),
    View(
        "quiet",
        _("Going quiet"),
        _("Sent 3 messages or more, and none for 14 days."),
        "quiet=14&sent_min=3",
        ("name", "platform", "last_message", "active_days", "sessions", "sent"),
    ),
    View(
        "hard",
        _("Hard to help"),
        _("5 sessions or more, with at most 2 messages sent in each on average."),
        "sessions_min=5&per_session_max=2&sort=-sessions",
    ),
    View(
        "power",
        _("Power users"),
        _("30 messages sent or more in at most 3 sessions."),
        "sessions_max=3&sent_min=30&sort=-sent",
    ),
    View(
        "blocked",
        _("Blocked"),
        _("May not write now, because they or a linked identity are blocked."),
        "status=blocked",
        ("name", "platform", "blocked_until", "block_reason", "last_message", "sent"),
    ),
    View(
        "costly",
        _("Costly"),
        _("Cost $1 or more, the most expensive first."),
        "cost_min=1&sort=-cost",
        ("name", "platform", "subscription", "cost", "sessions", "sent", "last_message"),
    ),
)


class ViewError(Exception):
    """A view that cannot be saved. The text says why."""


def views(agent: Agent, operator: Operator) -> list[View]:
    """The built-in views, then the operator's own, then those that others share."""
    found = SavedView.objects.filter(_visible_to(agent, operator)).select_related("owner")
    ordered = sorted(found[: 4 * MAX], key=lambda view: (view.owner_id != operator.pk, view.name))
    return [*BUILT_IN, *(view_of(view) for view in ordered)]


def own(agent: Agent, operator: Operator, view_id: uuid.UUID) -> SavedView | None:
    """The operator's own view. Only its owner can change a shared view."""
    return SavedView.objects.filter(agent=agent, owner=operator, id=view_id).first()


def save(
    operator: Operator,
    agent: Agent,
    name: str,
    is_shared: bool,
    query: UsersQuery,
    shown: Sequence[str],
) -> SavedView:
    """Save a list under a name. Raises ViewError if the operator already has `MAX` views."""
    if SavedView.objects.filter(agent=agent, owner=operator).count() >= MAX:
        text = gettext("You have %(count)s views of this agent. Delete one first.")
        raise ViewError(text % {"count": MAX})
    view = SavedView.objects.create(
        agent=agent, owner=operator, name=name, is_shared=is_shared, **_list(query, shown)
    )
    audit.record(operator.actor, "save_view", agent.id, view=view.id)
    return view


def update(operator: Operator, view: SavedView, query: UsersQuery, shown: Sequence[str]) -> None:
    """Make the view show this list from now on."""
    SavedView.objects.filter(id=view.id).update(**_list(query, shown))
    audit.record(operator.actor, "update_view", view.agent_id, view=view.id)


def rename(operator: Operator, view: SavedView, name: str, is_shared: bool) -> None:
    """Rename the view, share it, or stop sharing it."""
    SavedView.objects.filter(id=view.id).update(name=name, is_shared=is_shared)
    audit.record(operator.actor, "rename_view", view.agent_id, view=view.id)


def delete(operator: Operator, view: SavedView) -> None:
    """Delete the view; its users stay."""
    SavedView.objects.filter(id=view.id).delete()
    audit.record(operator.actor, "delete_view", view.agent_id, view=view.id)


def view_of(view: SavedView) -> View:
    """A saved view as a View."""
    own = tuple(columns.valid(view.columns))
    return View(str(view.id), view.name, "", view.query, own, view)


def _visible_to(agent: Agent, operator: Operator) -> Q:
    return Q(agent=agent) & (Q(owner=operator) | Q(is_shared=True))


def _list(query: UsersQuery, shown: Sequence[str]) -> dict[str, object]:
    return {"query": urlencode(query.params(page=1)), "columns": columns.valid(shown)}
