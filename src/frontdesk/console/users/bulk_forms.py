"""The forms of actions on many users; those of actions on one are in action_forms."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import Agent, Tag
from frontdesk.console.users.action_forms import BlockForm, PlanForm
from frontdesk.core.formats import number as format_number
from frontdesk.people.models import BulkJob

Params = dict[str, Any]


class TagsForm(forms.Form):
    """Tags to add and to remove."""

    add = forms.MultipleChoiceField(
        label=_("Add"), required=False, widget=forms.CheckboxSelectMultiple
    )
    new = forms.CharField(
        label=_("Add new tags"),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Separated by commas."),
    )
    remove = forms.MultipleChoiceField(
        label=_("Remove"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, agent: Agent, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = Tag.objects.filter(agent=agent).values_list("name", flat=True)
        choices = [(name, name) for name in names]
        for field in ("add", "remove"):
            self.fields[field].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        new = filter(None, (name.strip() for name in data.get("new", "").split(",")))
        self.added = sorted({*data.get("add", ()), *new})
        if not self.errors and not self.added and not data.get("remove"):
            raise ValidationError(gettext("Choose tags to add or to remove."))
        return data


class EraseForm(forms.Form):
    """The number of the users, typed as a confirmation."""

    confirmation = forms.CharField(
        max_length=30,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "inputmode": "numeric", "autofocus": True}
        ),
    )
    may_return = forms.BooleanField(required=False)

    def __init__(self, number: int | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number
        label = gettext("Type %(number)s to erase them") % {"number": format_number(number or 0)}
        self.fields["confirmation"].label = label

    def clean_confirmation(self) -> str:
        typed = str(self.cleaned_data["confirmation"])
        if self.number is None:
            raise ValidationError(gettext("These are more than can be counted quickly."))
        if typed.replace(",", "").replace(" ", "") != str(self.number):
            text = gettext("Type %(number)s, the number of the users.")
            raise ValidationError(text % {"number": format_number(self.number)})
        return typed


def form_of(action: str, agent: Agent, number: int | None, data: Any) -> forms.Form:
    """The form that asks for what an action needs."""
    if action == BulkJob.Action.TAGS:
        return TagsForm(agent, data)
    if action == BulkJob.Action.PLAN:
        return PlanForm(agent, "", data)
    if action == BulkJob.Action.BLOCK:
        return BlockForm(data)
    if action == BulkJob.Action.ERASE:
        return EraseForm(number, data)
    return forms.Form(data)


def params_of(form: forms.Form) -> Params:
    """The parameters of `people.bulk_actions.bulk`, from a valid form."""
    given = form.cleaned_data
    if isinstance(form, TagsForm):
        return {"add": form.added, "remove": given["remove"]}
    if isinstance(form, PlanForm):
        return {"plan": given["plan"], "until": _text(given["until"])}
    if isinstance(form, BlockForm):
        texts = {name: given[name] for name in ("reason", "note", "text")}
        return {**texts, "until": _text(form.end)}
    if isinstance(form, EraseForm):
        return {"may_return": given["may_return"]}
    return {}


def _text(time: dt.datetime | None) -> str:
    return time.isoformat() if time else ""
