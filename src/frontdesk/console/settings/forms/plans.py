"""Creating and changing a plan."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.colors import Color
from frontdesk.agents.models import Plan
from frontdesk.core.text import clean_line

MAX_PLANS = 100


class PlanForm(forms.ModelForm[Plan]):
    """A plan without its limits, which have their own form. Its key never changes."""

    class Meta:
        model = Plan
        fields = ("name", "key", "color", "price")
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("Plus")}),
            "key": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            "color": forms.RadioSelect,
            "price": forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("$9 a month")}),
        }
        help_texts = {
            "key": _(
                "Its name in reports and in the API. Empty: made from the name."
                " It cannot be changed later."
            ),
            "price": _("As text, for operators. Frontdesk does not charge anyone."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["color"] = color_field()
        if self.instance._state.adding:
            self.fields["key"].required = False
        else:
            del self.fields["key"]

    def clean_name(self) -> str:
        return _required_line(self.cleaned_data["name"])

    def clean_price(self) -> str:
        return clean_line(self.cleaned_data["price"]) or ""

    def clean_key(self) -> str:
        return clean_line(self.cleaned_data["key"]) or ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "key" not in self.fields or "key" not in data or "name" not in data:
            return data
        data["key"] = data["key"] or slugify(data["name"], allow_unicode=True)[:100]
        if not data["key"]:
            self.add_error("key", _("No key can be made from the name: enter one, such as plus."))
        elif self._others().filter(key=data["key"]).exists():
            message = _("There is already a plan with the key “%(key)s”.")
            self.add_error("key", message % {"key": data["key"]})
        elif self._others().count() >= MAX_PLANS:
            message = _("An agent has at most %(most)s plans.")
            raise ValidationError(message, params={"most": MAX_PLANS})
        return data

    def _others(self) -> Any:
        return Plan.objects.filter(agent=self.instance.agent)


def color_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Color"), choices=Color.choices, initial=Color.GREY, widget=forms.RadioSelect
    )


def _required_line(text: str) -> str:
    clean = clean_line(text)
    if not clean:
        raise ValidationError(_("Enter a name."))
    return clean
