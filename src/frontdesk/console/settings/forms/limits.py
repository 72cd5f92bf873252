"""A form for a set of limits, with one row for each kind, in the unit of its quantity."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from frontdesk.agents.limits import LIMITS, MAX_LIMIT, LimitKind, Limits
from frontdesk.gate.simulation import SIMULATABLE

RULE = "_rule"
"""Suffix of the field that chooses between the wider limit, no limit, and a number."""


@dataclass(frozen=True)
class Row:
    """What the template shows of one limit."""

    kind: LimitKind
    number: forms.BoundField
    rule: forms.BoundField | None
    can_simulate: bool
    """Whether its effect on the last days can be calculated."""


class LimitField(forms.Field):
    """The value of one limit, typed in the unit of its quantity."""

    def __init__(self, kind: LimitKind, value: int | None, *, optional: bool) -> None:
        self.quantity = kind.quantity
        attrs: dict[str, Any] = {"placeholder": _("No limit")} if optional else {}
        widget: forms.Widget
        if self.quantity.is_whole:
            attrs |= {"inputmode": "numeric", "min": 0, "max": MAX_LIMIT}
            widget = forms.NumberInput(attrs=attrs)
        else:
            attrs |= {"inputmode": "decimal", "autocomplete": "off"}
            widget = forms.TextInput(attrs=attrs)
        super().__init__(
            label=kind.title,
            required=False,
            initial=value,
            help_text=kind.definition,
            widget=widget,
        )

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if not text:
            return None
        number = self.quantity.parse(text)
        if number is None:
            raise ValidationError(self.quantity.invalid)
        if number > MAX_LIMIT:
            maximum = self.quantity.write(MAX_LIMIT)
            raise ValidationError(_("At most %(most)s.") % {"most": maximum})
        return number

    def prepare_value(self, value: Any) -> Any:
        return self.quantity.write_in_field(value) if isinstance(value, int) else value


class LimitsForm(forms.Form):
    """The limits of an agent, where an empty field sets none; or, with `wider` limits, those of a
    plan or a user.

    With `wider` limits each limit also has a rule: the wider limit, no limit, or at most a number.
    The wider limit is the agent's, except for the keys `of_plan`.
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
            self.fields[kind.key] = LimitField(kind, value, optional=not self._has_rules)
            if wider is not None:
                word = _wider_rule(kind, wider, of_plan)
                self.fields[kind.key + RULE] = _rule_field(kind, limits, word)

    @property
    def rows(self) -> Iterator[Row]:
        for kind in LIMITS.values():
            rule = self[kind.key + RULE] if self._has_rules else None
            yield Row(kind, self[kind.key], rule, kind.key in SIMULATABLE)

    @property
    def limits(self) -> Limits:
        """The limits as they are stored, for a valid form."""
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
            rule = data.get(kind.key + RULE)
            if rule == "most" and data.get(kind.key, 0) is None:
                self.add_error(kind.key, _("Enter a number, or choose another rule."))
            elif rule in ("wider", "none"):  # the number is not used then
                self.errors.pop(kind.key, None)
        return data


def parse_limit(kind: LimitKind, text: str) -> int | None:
    """One limit as typed, in its own unit; None if it is empty or invalid."""
    try:
        return LimitField(kind, None, optional=True).to_python(text)
    except ValidationError:
        return None


def _wider_rule(kind: LimitKind, wider: Limits, of_plan: Collection[str]) -> str:
    limit = {"limit": kind.in_words(wider.get(kind.key))}
    if kind.key in of_plan:
        return _("Same as the plan: %(limit)s") % limit
    return _("Same as the agent: %(limit)s") % limit


def _rule_field(kind: LimitKind, limits: Limits, wider: str) -> forms.ChoiceField:
    chosen = "wider"
    if kind.key in limits:
        chosen = "none" if limits[kind.key] is None else "most"
    return forms.ChoiceField(
        label=_("%(limit)s: rule") % {"limit": kind.title},
        choices=[("wider", wider), ("none", _("No limit")), ("most", _("At most…"))],
        initial=chosen,
    )
