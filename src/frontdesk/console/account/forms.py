"""The forms of operators' own pages."""

from typing import Any

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from frontdesk.accounts.models import Operator
from frontdesk.console.zones import zone_field

THEMES = [("", _("Same as the system")), ("light", _("Light")), ("dark", _("Dark"))]


class FirstOwnerForm(BaseUserCreationForm[Operator]):
    """Creates the first owner. Django's form validates the name and the password."""

    class Meta:
        model = Operator
        fields = ("username", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        self.fields["username"].help_text = ""
        self.fields["password1"].help_text = gettext(
            "At least 8 characters, and not a common password."
        )
        self.fields["password2"].label = gettext("Confirm password")
        self.fields["password2"].help_text = ""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        # Operators sign in with the username or the e-mail, so both are unique.
        if Operator.objects.filter(email__iexact=email).exists():
            raise ValidationError(gettext("An operator with this e-mail already exists."))
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
        label=_("Appearance"), choices=THEMES, required=False, widget=forms.RadioSelect
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
            gettext("Time zone"),
            gettext(
                "Every time in the console is shown in this zone."
                " The days of an agent begin and end in the agent's own zone."
            ),
        )

    def save(self, commit: bool = True) -> Operator:
        operator = super().save(commit)
        operator.remember(theme=self.cleaned_data["theme"])
        return operator
