"""The users that a form is about: those with some ids, or all of a list."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.console.users.list_views import listing_of
from frontdesk.console.users.listing import Listing
from frontdesk.core.formats import number
from frontdesk.ledger.models import EndUser
from frontdesk.people.bulk_actions import bulk
from frontdesk.people.table import columns, filter_labels
from frontdesk.people.table.counting import count
from frontdesk.people.table.rows import PlanAndTagNames
from frontdesk.people.table.users_query import UsersQuery


@dataclass(frozen=True)
class UserSelection:
    """The users that a form is about: those with these ids, or all of a list."""

    listing: Listing
    ids: list[uuid.UUID]
    is_all: bool
    count: int | None
    """Their number; None if counting them takes too long."""

    @classmethod
    def of(cls, request: HttpRequest, agent: Agent, operator: Operator) -> "UserSelection":
        """Read a POST. Anything that is not the id of one of the agent's users is ignored."""
        listing = listing_of(agent, operator, request.POST.get("list", ""))
        if request.POST.get("scope") == "all":
            return cls.all_of(listing)
        posted = [id_ for text in request.POST.getlist("id") if (id_ := _id(text))]
        # The agent is checked in Python: with it in the query, SQLite may read all of its users.
        known = EndUser.objects.filter(id__in=posted[: bulk.AT_ONCE])
        own = {id_ for id_, owner in known.values_list("id", "agent_id") if owner == agent.id}
        ids = [id_ for id_ in dict.fromkeys(posted) if id_ in own]
        return cls(listing, ids, False, len(ids))

    @classmethod
    def all_of(cls, listing: Listing) -> "UserSelection":
        """All users of the list."""
        return cls(listing, [], True, count(listing.agent, listing.query))

    @property
    def address(self) -> str:
        return self.listing.address

    @property
    def users(self) -> UsersQuery | list[uuid.UUID]:
        return self.listing.query if self.is_all else self.ids

    @property
    def words(self) -> str:
        if self.count is None:
            return _("all users that match")
        text = ngettext("%(count)s user", "%(count)s users", self.count)
        return text % {"count": number(self.count)}

    @property
    def takes_long(self) -> bool:
        return self.count is None or self.count > bulk.AT_ONCE


def sheet_context(agent: Agent, operator: Operator, selection: UserSelection) -> dict[str, Any]:
    """The template values for all forms about several users."""
    shown = columns.chosen(operator, selection.listing.columns)
    rule = ""
    if selection.is_all:
        rule = filter_labels.describe(selection.address, PlanAndTagNames.of(agent))
    return {
        "agent": agent,
        "tab": "users",
        "selection": selection,
        "columns": columns.offered(shown),
        "rule": rule,
        "bulk_url": reverse("users:bulk", args=[agent.id]),
        "back": selection.listing.url(),
        "zone": timezone.get_current_timezone_name(),
    }


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
