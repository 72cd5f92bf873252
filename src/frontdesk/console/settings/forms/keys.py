"""Making an API key."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from frontdesk.agents.models import ApiKey
from frontdesk.core.text import clean_line

MEANINGS = {
    ApiKey.Scope.INGEST: "Report messages, and ask whether a user may write. "
    "For your agent itself.",
    ApiKey.Scope.READ: "Read users, sessions and messages. For dashboards and other tools.",
    ApiKey.Scope.MANAGE: "Everything an operator may do to users: block, plans, tags, limits, "
    "export, erase. For your own back office only.",
}


class KeyForm(forms.Form):
    name = forms.CharField(
        label="What it is for",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Support bot, live"}),
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=ApiKey.Scope.choices,
        initial=[ApiKey.Scope.INGEST],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )

    def clean_name(self) -> str:
        name = clean_line(self.cleaned_data["name"])
        if not name:
            raise ValidationError("Say what it is for.")
        return name

    @property
    def choices(self) -> Iterator[tuple[Any, str]]:
        """Each scope, and what it lets a program do."""
        for choice in self["scopes"]:
            yield choice, MEANINGS[ApiKey.Scope(choice.data["value"])]
