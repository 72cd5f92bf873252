"""The operator's own prices of models."""

from django import forms
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import Agent

_LABELS = {
    "input_price": _("Input"),
    "cached_price": _("Cached input"),
    "output_price": _("Output"),
}


class PricesForm(forms.ModelForm[Agent]):
    """Dollars per million tokens; all empty: the price list applies."""

    class Meta:
        model = Agent
        fields = tuple(_LABELS)
        labels = _LABELS
        help_texts = dict.fromkeys(_LABELS, _("$ per million tokens"))
