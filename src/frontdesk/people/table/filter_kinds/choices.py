"""Filters by values: of a column, of tags, or of a fixed set."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from frontdesk.core.http.parameters import MAX_VALUES, Reader
from frontdesk.core.languages import base_of
from frontdesk.core.sql.statements import placeholders
from frontdesk.people.table import conditions
from frontdesk.people.table.conditions import Condition
from frontdesk.people.table.filter_kinds.base import (
    Context,
    Filter,
    Pairs,
    Parameter,
    choice_parameter,
)
from frontdesk.people.table.rows import PlanAndTagNames

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

TAG_MODES = {
    "any": gettext_lazy("Any of these"),
    "all": gettext_lazy("All of these"),
    "none": gettext_lazy("None of these"),
}
"""How many of the chosen tags a user must have, by name in the URL."""

_TAG = re.compile(r"[^\x00-\x1f]{1,255}")


@dataclass(frozen=True)
class FacetFilter(Filter[tuple[str, ...]]):
    """Values of a column whose users are counted by value (`FacetCount`).

    It needs an index (agent, column, last_message_at, id). `word` returns the label of a value.
    """

    name: str
    label: "_StrOrPromise"
    facet: str
    column: str
    pattern: re.Pattern[str]
    word: Callable[[str, PlanAndTagNames], str]
    description: str

    def parse(self, reader: Reader) -> tuple[str, ...] | None:
        return reader.slugs(self.name, self.pattern) or None

    def params(self, value: tuple[str, ...]) -> Pairs:
        return [(self.name, each) for each in value]

    def conditions(self, value: tuple[str, ...], context: Context) -> list[Condition]:
        return [Condition(f"u.{self.column} IN ({placeholders(value)})", value, self.column)]

    def describe(
        self, value: tuple[str, ...], names: PlanAndTagNames
    ) -> list[tuple[str, tuple[str, ...] | None]]:
        return [
            (self.labeled(self.word(each, names)), _without(value, each) or None) for each in value
        ]

    def parameters(self) -> dict[str, Parameter]:
        return {self.name: _several(self.description)}

    def precedence(self, value: tuple[str, ...]) -> int:
        return 0

    def chosen(self, value: tuple[str, ...] | None) -> tuple[str, ...]:
        """The chosen values of the facet."""
        return value or ()

    def counted(self, value: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
        return self.facet, value


@dataclass(frozen=True)
class PlanFilter(FacetFilter):
    """The plan that applies; the column is null if there is none."""

    def conditions(self, value: tuple[str, ...], context: Context) -> list[Condition]:
        return [conditions.has_plan(value)]


@dataclass(frozen=True)
class LanguageFilter(FacetFilter):
    """Languages whatever their region, or a single region of one, such as "pt-br"."""

    def conditions(self, value: tuple[str, ...], context: Context) -> list[Condition]:
        found = super().conditions(tuple(dict.fromkeys(map(base_of, value))), context)
        regions = tuple(each for each in value if each != base_of(each))
        if not regions:
            return found
        whole = tuple(each for each in value if each == base_of(each))
        tests = [f"u.language IN ({placeholders(regions)})"]
        if whole:
            tests.append(f"u.{self.column} IN ({placeholders(whole)})")
        return [*found, Condition(f"({' OR '.join(tests)})", (*regions, *whole))]

    def counted(self, value: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
        """Regions are not counted."""
        return (self.facet, value) if value == tuple(map(base_of, value)) else None


class Tags(NamedTuple):
    """Tags, and how many of them a user must have: one of `TAG_MODES`."""

    names: tuple[str, ...]
    mode: str = "any"


@dataclass(frozen=True)
class TagFilter(Filter[Tags]):
    """Tags, with a second parameter for how many of them a user must have."""

    name: str
    label: "_StrOrPromise"
    mode_name: str
    facet: str

    def parse(self, reader: Reader) -> Tags | None:
        mode = reader.choice(self.mode_name, TAG_MODES, "any")
        names = reader.slugs(self.name, _TAG)
        return Tags(names, mode) if names else None

    def params(self, value: Tags) -> Pairs:
        pairs = [(self.name, each) for each in value.names]
        return pairs if value.mode == "any" else [*pairs, (self.mode_name, value.mode)]

    def conditions(self, value: Tags, context: Context) -> list[Condition]:
        """If all tags are required, each one is a condition, so that the rarest can find users."""
        if value.mode == "all":
            return [conditions.has_tag(context.agent, (name,)) for name in value.names]
        has_any = conditions.has_tag(context.agent, value.names)
        return [has_any.negated() if value.mode == "none" else has_any]

    def describe(self, value: Tags, names: PlanAndTagNames) -> list[tuple[str, Tags | None]]:
        label = _("Without tag: %(tag)s") if value.mode == "none" else _("Tag: %(tag)s")
        described: list[tuple[str, Tags | None]] = []
        for each in value.names:
            rest = _without(value.names, each)
            described.append((label % {"tag": each}, Tags(rest, value.mode) if rest else None))
        return described

    def parameters(self) -> dict[str, Parameter]:
        return {
            self.name: _several("Only users with these tags; may be repeated."),
            self.mode_name: choice_parameter(
                "How many of the tags the users must have.", TAG_MODES, default="any"
            ),
        }

    def precedence(self, value: Tags) -> int:
        return 1

    def word(self, tag: str, names: PlanAndTagNames) -> str:
        """The label of a value of the facet."""
        return tag

    def chosen(self, value: Tags | None) -> tuple[str, ...]:
        """The chosen values of the facet."""
        return value.names if value else ()

    def counted(self, value: Tags) -> tuple[str, tuple[str, ...]] | None:
        """Only for a single tag: a user may have several, so counts cannot be added."""
        is_counted = len(value.names) == 1 and value.mode != "none"
        return (self.facet, value.names) if is_counted else None


class Option(NamedTuple):
    """A value of a choice: its label on pages and its condition."""

    word: "_StrOrPromise"
    condition: Callable[[Context], Condition]


@dataclass(frozen=True)
class ChoiceFilter(Filter[str]):
    """One of a few fixed values."""

    name: str
    label: "_StrOrPromise"
    options: Mapping[str, Option]
    description: str

    def parse(self, reader: Reader) -> str | None:
        return reader.choice(self.name, self.options, "") or None

    def params(self, value: str) -> Pairs:
        return [(self.name, value)]

    def conditions(self, value: str, context: Context) -> list[Condition]:
        return [self.options[value].condition(context)]

    def describe(self, value: str, names: PlanAndTagNames) -> list[tuple[str, str | None]]:
        return [(self.labeled(self.options[value].word), None)]

    def parameters(self) -> dict[str, Parameter]:
        return {self.name: choice_parameter(self.description, self.options)}

    def precedence(self, value: str) -> int:
        return 2


def _without(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(other for other in values if other != value)


def _several(description: str) -> Parameter:
    schema = {"type": "array", "items": {"type": "string"}, "maxItems": MAX_VALUES}
    return Parameter(description, schema)
