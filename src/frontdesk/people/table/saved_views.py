"""Lists of users that are kept under a name: those that come with Frontdesk, and operators' own."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q

from frontdesk import audit
from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.people.models import SavedView
from frontdesk.people.table import columns
from frontdesk.people.table.users_query import UsersQuery

MAX = 50
"""Views that one operator may keep for one agent."""


@dataclass(frozen=True)
class View:
    """A list by name. `query` is its query string, `columns` are its own or, if empty, the
    operator's; `rule` says whom it shows, and is empty for a saved one, whose filters tell it."""

    id: str
    name: str
    rule: str
    query: str = ""
    columns: tuple[str, ...] = ()
    saved: SavedView | None = None


BUILT_IN = (
    View("all", "All", "Everybody who has talked to the agent."),
    View(
        "new",
        "New this week",
        "First seen in the last 7 days, the newest first.",
        "seen=7d&sort=-first_seen",
        ("name", "platform", "first_seen", "last_message", "sessions", "sent"),
    ),
    View(
        "active",
        "Active this week",
        "Wrote in the last 7 days.",
        "last=7d",
    ),
    View(
        "quiet",
        "Going quiet",
        "Sent 3 messages or more, and none for 14 days.",
        "quiet=14&sent_min=3",
        ("name", "platform", "last_message", "active_days", "sessions", "sent"),
    ),
    View(
        "hard",
        "Hard to help",
        "5 sessions or more with at most 2 messages sent in each, on average.",
        "sessions_min=5&per_session_max=2&sort=-sessions",
    ),
    View(
        "power",
        "Power users",
        "30 messages sent or more in at most 3 sessions.",
        "sessions_max=3&sent_min=30&sort=-sent",
    ),
    View(
        "blocked",
        "Blocked",
        "May not write now, by themselves or through a linked identity.",
        "status=blocked",
        ("name", "platform", "blocked_until", "block_reason", "last_message", "sent"),
    ),
    View(
        "costly",
        "Costly",
        "Cost $1 or more, the most costly first.",
        "cost_min=1&sort=-cost",
        ("name", "platform", "subscription", "cost", "sessions", "sent", "last_message"),
    ),
)


class ViewError(Exception):
    """A view that cannot be kept as asked; the text says why."""


def views(agent: Agent, operator: Operator) -> list[View]:
    """The built-in ones, then the operator's own, then what others share."""
    found = SavedView.objects.filter(_seen_by(agent, operator)).select_related("owner")
    ordered = sorted(found[: 4 * MAX], key=lambda view: (view.owner_id != operator.pk, view.name))
    return [*BUILT_IN, *(view_of(view) for view in ordered)]


def own(agent: Agent, operator: Operator, view_id: uuid.UUID) -> SavedView | None:
    """The operator's own view; those that others share are theirs to change."""
    return SavedView.objects.filter(agent=agent, owner=operator, id=view_id).first()


def save(
    operator: Operator,
    agent: Agent,
    name: str,
    is_shared: bool,
    query: UsersQuery,
    shown: Sequence[str],
) -> SavedView:
    """Keep a list under a name. Raises ViewError when the operator has as many as he may."""
    if SavedView.objects.filter(agent=agent, owner=operator).count() >= MAX:
        raise ViewError(f"You have {MAX} views of this agent. Delete one first.")
    view = SavedView.objects.create(
        agent=agent, owner=operator, name=name, is_shared=is_shared, **_list(query, shown)
    )
    audit.record(operator.actor, "save_view", agent.id, view=view.id)
    return view


def update(operator: Operator, view: SavedView, query: UsersQuery, shown: Sequence[str]) -> None:
    """Let an own view show this list from now on."""
    SavedView.objects.filter(id=view.id).update(**_list(query, shown))
    audit.record(operator.actor, "update_view", view.agent_id, view=view.id)


def rename(operator: Operator, view: SavedView, name: str, is_shared: bool) -> None:
    """Call an own view something else, share it, or keep it to oneself."""
    SavedView.objects.filter(id=view.id).update(name=name, is_shared=is_shared)
    audit.record(operator.actor, "rename_view", view.agent_id, view=view.id)


def delete(operator: Operator, view: SavedView) -> None:
    """Forget an own view; the users in it stay."""
    SavedView.objects.filter(id=view.id).delete()
    audit.record(operator.actor, "delete_view", view.agent_id, view=view.id)


def view_of(view: SavedView) -> View:
    """A saved view beside the built-in ones."""
    kept = tuple(columns.valid(view.columns))
    return View(str(view.id), view.name, "", view.query, kept, view)


def _seen_by(agent: Agent, operator: Operator) -> Q:
    return Q(agent=agent) & (Q(owner=operator) | Q(is_shared=True))


def _list(query: UsersQuery, shown: Sequence[str]) -> dict[str, object]:
    return {"query": urlencode(query.params(page=1)), "columns": columns.valid(shown)}
