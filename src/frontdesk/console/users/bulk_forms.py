"""What acts on many users ask for; the forms of one user's are in act_forms."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from frontdesk.agents.models import Agent, Tag
from frontdesk.console.users.action_forms import BlockForm, PlanForm
from frontdesk.people.models import BulkJob

Params = dict[str, Any]


class TagsForm(forms.Form):
    """Tags to put on, tags to take off."""

    add = forms.MultipleChoiceField(
        label="Add", required=False, widget=forms.CheckboxSelectMultiple
    )
    new = forms.CharField(
        label="Add new tags",
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Separated by commas.",
    )
    remove = forms.MultipleChoiceField(
        label="Remove", required=False, widget=forms.CheckboxSelectMultiple
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
            raise ValidationError("Choose tags to add or to remove.")
        return data


class EraseForm(forms.Form):
    """The number of the users, typed."""

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
        self.fields["confirmation"].label = f"Type {number or 0:,} to erase them"

    def clean_confirmation(self) -> str:
        typed = str(self.cleaned_data["confirmation"])
        if self.number is None:
            raise ValidationError("These are more than can be counted quickly.")
        if typed.replace(",", "").replace(" ", "") != str(self.number):
            raise ValidationError(f"Type {self.number:,}: so many users are meant.")
        return typed


def form_of(act: str, agent: Agent, number: int | None, data: Any) -> forms.Form:
    """The form that asks for what an act needs."""
    if act == BulkJob.Act.TAGS:
        return TagsForm(agent, data)
    if act == BulkJob.Act.PLAN:
        return PlanForm(agent, "", data)
    if act == BulkJob.Act.BLOCK:
        return BlockForm(data)
    if act == BulkJob.Act.ERASE:
        return EraseForm(number, data)
    return forms.Form(data)


def params_of(form: forms.Form) -> Params:
    """What people.bulk_acts.bulk is told; only for a valid form."""
    given = form.cleaned_data
    if isinstance(form, TagsForm):
        return {"add": form.added, "remove": given["remove"]}
    if isinstance(form, PlanForm):
        return {"plan": given["plan"], "until": _text(given["until"])}
    if isinstance(form, BlockForm):
        told = {name: given[name] for name in ("reason", "note", "text")}
        return {**told, "until": _text(form.end)}
    if isinstance(form, EraseForm):
        return {"may_return": given["may_return"]}
    return {}


def _text(time: dt.datetime | None) -> str:
    return time.isoformat() if time else ""
