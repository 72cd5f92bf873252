"""The base class of filters."""

import datetime as dt
import zoneinfo
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from django.utils.translation import gettext as _

from frontdesk.agents.models import Agent
from frontdesk.core.http.parameters import Reader
from frontdesk.people.table.conditions import Condition
from frontdesk.people.table.rows import PlanAndTagNames

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

Pairs = list[tuple[str, str]]
V = TypeVar("V")


class Parameter(NamedTuple):
    """A parameter of the query string: its description for developers, and its JSON schema."""

    description: str
    schema: dict[str, Any]


class Context(NamedTuple):
    """What a condition depends on in addition to the filter's value."""

    agent: Agent
    now: dt.datetime
    zone: zoneinfo.ZoneInfo


class Filter(ABC, Generic[V]):
    """One filter of users: how it is parsed, what it means, how it is described.

    `name` is its key in `UsersQuery.filters` and in the query string, `label` its name on pages.
    """

    name: str
    label: "_StrOrPromise"

    @abstractmethod
    def parse(self, reader: Reader) -> V | None:
        """The value in the query string; None if the filter is not used."""

    @abstractmethod
    def params(self, value: V) -> Pairs:
        """The part of a query string that sets this value."""

    @abstractmethod
    def conditions(self, value: V, context: Context) -> list[Condition]:
        """The conditions that a user must meet, all of them."""

    @abstractmethod
    def describe(self, value: V, names: PlanAndTagNames) -> list[tuple[str, V | None]]:
        """A description of each part of the value, with the value that remains without it."""

    @abstractmethod
    def parameters(self) -> dict[str, Parameter]:
        """The parameters of the query string, for the API's documentation."""

    @abstractmethod
    def precedence(self, value: V) -> int:
        """The order of its conditions among those of other filters, lowest first.

        If it is not known which condition finds the fewest users, the first one is used.
        """

    def counted(self, value: V) -> tuple[str, tuple[str, ...]] | None:
        """A facet and its values whose users together are exactly those that match the filter."""
        return None

    def labeled(self, value: object) -> str:
        """The filter's label with a described value."""
        return _("%(filter)s: %(value)s") % {"filter": self.label, "value": value}


def choice_parameter(description: str, values: Iterable[str], **schema: Any) -> Parameter:
    """A parameter with a few fixed values."""
    return Parameter(description, {"type": "string", "enum": list(values), **schema})
