"""Creating an API key."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import ApiKey
from frontdesk.core.text import Text, clean_line

MEANINGS = {
    ApiKey.Scope.INGEST: _(
        "Report messages, and ask whether a user may write. For your agent itself."
    ),
    ApiKey.Scope.READ: _("Read users, sessions and messages. For dashboards and other tools."),
    ApiKey.Scope.MANAGE: _(
        "Everything an operator may do to users: block, plans, tags, limits, export, erase."
        " For your own back office only."
    ),
}


class KeyForm(forms.Form):
    name = forms.CharField(
        label=_("What it is for"),
        max_length=100,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": _("Support bot, live")}
        ),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=ApiKey.Scope.choices,
        initial=[ApiKey.Scope.INGEST],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )

    def clean_name(self) -> str:
        name = clean_line(self.cleaned_data["name"])
        if not name:
            raise ValidationError(_("Enter what it is for."))
        return name

    @property
    def choices(self) -> Iterator[tuple[Any, Text]]:
        """Each scope and what it allows."""
        for choice in self["scopes"]:
            yield choice, MEANINGS[ApiKey.Scope(choice.data["value"])]
