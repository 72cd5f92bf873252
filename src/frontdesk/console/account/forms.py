"""What operators may tell about themselves."""

from typing import Any

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm
from django.core.exceptions import ValidationError

from frontdesk.accounts.models import Operator
from frontdesk.console.zones import zone_field

THEMES = [("", "Like the system"), ("light", "Light"), ("dark", "Dark")]


class FirstOwnerForm(BaseUserCreationForm[Operator]):
    """Makes an owner; Django's own form checks the name and the password."""

    class Meta:
        model = Operator
        fields = ("username", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        self.fields["username"].help_text = ""
        self.fields["password1"].help_text = "At least 8 characters, and not a common word."
        self.fields["password2"].label = "Password again"
        self.fields["password2"].help_text = ""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if Operator.objects.filter(email__iexact=email).exists():  # it signs in as well as the name
            raise ValidationError("An operator with this e-mail exists.")
        return email


class ThemeForm(forms.Form):
    theme = forms.ChoiceField(choices=THEMES, required=False)


class TimeZoneForm(forms.ModelForm[Operator]):
    class Meta:
        model = Operator
        fields = ("time_zone",)


class PreferencesForm(forms.ModelForm[Operator]):
    """Time zone and theme."""

    theme = forms.ChoiceField(
        label="Appearance", choices=THEMES, required=False, widget=forms.RadioSelect
    )

    class Meta:
        model = Operator
        fields = ("time_zone",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["time_zone"] = self.instance.time_zone or "UTC"
        self.initial["theme"] = self.instance.preferences.get("theme", "")
        self.fields["time_zone"] = zone_field(
            self.initial["time_zone"],
            "Time zone",
            "Every time in the console is shown in this zone. An agent's days begin and end in the "
            "agent's own.",
        )

    def save(self, commit: bool = True) -> Operator:
        operator = super().save(commit)
        operator.remember(theme=self.cleaned_data["theme"])
        return operator
