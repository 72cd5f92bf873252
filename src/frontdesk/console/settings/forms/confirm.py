"""Typing a name before what it names is destroyed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError


class TypedNameForm(forms.Form):
    typed = forms.CharField(
        max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = " ".join(name.split())
        self.fields["typed"].label = f"Type “{self._name}” to confirm"

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if " ".join(typed.split()) != self._name:
            raise ValidationError("This is not its name.")
        return typed
