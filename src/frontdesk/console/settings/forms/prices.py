"""The operator's own prices of models: of single models by name, and of all others."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from frontdesk.agents.models import Agent
from frontdesk.agents.prices import MAX_MODEL_NAME, MAX_MODELS, ModelPrice, read_prices
from frontdesk.core.text import clean_line

_LABELS = {
    "input_price": gettext_lazy("Input"),
    "cached_price": gettext_lazy("Cached input"),
    "output_price": gettext_lazy("Output"),
}
EMPTY_ROWS = 3
"""Rows for further models below those that have prices."""


class Row(NamedTuple):
    """The fields of one model."""

    number: int
    model: BoundField
    prices: list[BoundField]


class PricesForm(forms.ModelForm[Agent]):
    """Dollars per million tokens; all empty: the price list applies.

    Each row is a model with its prices; a row without a name is no row.
    """

    class Meta:
        model = Agent
        fields = tuple(_LABELS)
        labels = _LABELS
        help_texts = dict.fromkeys(_LABELS, gettext_lazy("$ per million tokens"))

    def __init__(self, data: Mapping[str, Any] | None, *, instance: Agent) -> None:
        super().__init__(data, instance=instance)
        known = read_prices(instance.model_prices)
        self._numbers = [n for n in range(1, MAX_MODELS + 1) if data and _name("model", n) in data]
        if not self.is_bound:
            self._numbers = [*range(1, min(len(known) + EMPTY_ROWS, MAX_MODELS) + 1)]
        for number in self._numbers:
            row = known[number - 1] if number <= len(known) else None
            self._add_row(number, row)

    @property
    def others(self) -> list[BoundField]:
        """The fields of the models that have no row."""
        return [self[name] for name in _LABELS]

    @property
    def rows(self) -> Iterator[Row]:
        for number in self._numbers:
            prices = [self[_name(name, number)] for name in _LABELS]
            yield Row(number, self[_name("model", number)], prices)

    @property
    def columns(self) -> list[str]:
        """The columns of the agent that the form has changed."""
        changed = {*self.changed_data}
        columns = [name for name in _LABELS if name in changed]
        return columns + ["model_prices"] * bool(changed - {*columns})

    def clean(self) -> None:
        super().clean()
        seen: set[str] = set()
        found = []
        for number in self._numbers:
            name = clean_line(self.cleaned_data.get(_name("model", number))) or ""
            prices = [self.cleaned_data.get(_name(each, number)) for each in _LABELS]
            if name:
                found.append(ModelPrice(name, *prices))
            is_valid = not any(_name(each, number) in self.errors for each in ("model", *_LABELS))
            if is_valid and (fault := _fault(name, prices, seen)):
                self.add_error(_name("model", number), fault)
            seen.add(name.lower())
        self.instance.model_prices = [each.stored() for each in found]

    def _add_row(self, number: int, row: ModelPrice | None) -> None:
        self.fields[_name("model", number)] = forms.CharField(
            label=_("Model"),
            required=False,
            max_length=MAX_MODEL_NAME,
            initial=row.model if row else "",
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )
        for name, price in zip(_LABELS, row[1:] if row else [None] * 3, strict=True):
            self.fields[_name(name, number)] = forms.DecimalField(
                label=_LABELS[name],
                required=False,
                min_value=Decimal(0),
                max_digits=12,
                decimal_places=6,
                initial=price,
            )


def _name(field: str, number: int) -> str:
    return f"{field}_{number}"


def _fault(name: str, prices: list[Decimal | None], seen: set[str]) -> str:
    """What is wrong with a row; empty: nothing."""
    has_prices = any(price is not None for price in prices)
    if not name:
        return _("Enter the name of the model.") if has_prices else ""
    if name.lower() in seen:
        return _("This model already has a row.")
    return "" if has_prices else _("Enter a price, or remove the name.")
