"""A set of limits as a form: one row for each kind, costs in dollars."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from frontdesk.agents.limits import LIMITS, MAX_LIMIT, LimitKind, Limits
from frontdesk.core.money import money
from frontdesk.gate.simulation import SIMULATABLE

MICRO = 1_000_000
RULE = "_rule"
"""Ends the name of the choice between the wider limit, none, and a number."""

UNITS = {"messages": "messages", "sessions": "sessions", "cost": "dollars", "length": "characters"}


@dataclass(frozen=True)
class Row:
    """What the template shows of one limit."""

    kind: LimitKind
    number: forms.BoundField
    rule: forms.BoundField | None
    unit: str
    can_try: bool
    """Whether its effect on the last days can be worked out."""


class LimitsForm(forms.Form):
    """The limits of an agent, where an empty field sets none; or, below `wider` limits, of a plan
    or a user.

    There each limit also has a choice: what is wider counts, no limit, or at most a number. What is
    wider is the agent's, but for those that are `of_plan`.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        limits: Limits,
        wider: Limits | None = None,
        of_plan: Collection[str] = (),
        prefix: str | None = None,
    ) -> None:
        super().__init__(data, prefix=prefix)
        self._has_rules = wider is not None
        for kind in LIMITS.values():
            value = limits.get(kind.key)
            self.fields[kind.key] = _number_field(kind, value, optional=not self._has_rules)
            if wider is not None:
                whose = "plan" if kind.key in of_plan else "agent"
                word = f"As the {whose}’s: {in_words(kind, wider.get(kind.key))}"
                self.fields[kind.key + RULE] = _rule_field(kind, limits, word)

    @property
    def rows(self) -> Iterator[Row]:
        for kind in LIMITS.values():
            rule = self[kind.key + RULE] if self._has_rules else None
            yield Row(kind, self[kind.key], rule, UNITS[kind.counts], kind.key in SIMULATABLE)

    @property
    def limits(self) -> Limits:
        """The set as it is stored; only for a valid form."""
        limits: Limits = {}
        for key in LIMITS:
            rule = self.cleaned_data[key + RULE] if self._has_rules else "most"
            if rule == "none":
                limits[key] = None
            elif rule == "most" and self.cleaned_data[key] is not None:
                limits[key] = self.cleaned_data[key]
        return limits

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for kind in LIMITS.values():
            if kind.counts == "cost" and data.get(kind.key) is not None:
                data[kind.key] = int(data[kind.key] * MICRO)  # exact: the field allows 6 digits
            rule = data.get(kind.key + RULE)
            if rule == "most" and data.get(kind.key, 0) is None:
                self.add_error(kind.key, "Say how much, or choose another rule.")
            elif rule in ("wider", "none"):  # then what stands in the number is not meant
                self.errors.pop(kind.key, None)
        return data


def parse_limit(kind: LimitKind, text: str) -> int | None:
    """One limit as it is typed, in its own unit; None for nothing, or for what is no limit."""
    field = _number_field(kind, None, optional=True)
    try:
        value = field.clean(text)
    except ValidationError:
        return None
    return int(value * MICRO) if value is not None and kind.counts == "cost" else value


def _number_field(kind: LimitKind, value: int | None, *, optional: bool) -> forms.Field:
    attrs = {"placeholder": "No limit"} if optional else {}
    if kind.counts != "cost":
        return forms.IntegerField(
            label=kind.title,
            required=False,
            min_value=0,
            max_value=MAX_LIMIT,
            initial=value,
            help_text=kind.definition,
            widget=forms.NumberInput(attrs={**attrs, "inputmode": "numeric"}),
        )
    return forms.DecimalField(
        label=kind.title,
        required=False,
        min_value=0,
        max_value=MAX_LIMIT // MICRO,
        max_digits=16,
        decimal_places=6,
        initial=_dollars(value),
        help_text=kind.definition,
        widget=forms.TextInput(attrs={**attrs, "inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": "Write dollars such as 2.50."},
    )


def _rule_field(kind: LimitKind, limits: Limits, wider: str) -> forms.ChoiceField:
    chosen = "wider"
    if kind.key in limits:
        chosen = "none" if limits[kind.key] is None else "most"
    return forms.ChoiceField(
        label=f"{kind.title}: rule",
        choices=[("wider", wider), ("none", "No limit"), ("most", "At most…")],
        initial=chosen,
    )


def _dollars(micro: int | None) -> str | None:
    """2_500_000 → "2.50", 1 → "0.000001": at least cents, and never rounded."""
    if micro is None:
        return None
    whole, rest = f"{Decimal(micro) / MICRO:.6f}".split(".")
    return f"{whole}.{rest[:2]}{rest[2:].rstrip('0')}"


def in_words(kind: LimitKind, value: int | None) -> str:
    if value is None:
        return "no limit"
    return money(value) if kind.counts == "cost" else f"{value:,}"
