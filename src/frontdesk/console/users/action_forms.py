"""What acts on users ask for. The rules that hold for pages and API alike are in act_checks."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from frontdesk.agents.models import Agent, Plan
from frontdesk.people import validation as checks

SPANS = {"1h": dt.timedelta(hours=1), "24h": dt.timedelta(hours=24), "7d": dt.timedelta(days=7)}


def _moment(**attrs: str) -> forms.DateTimeField:
    """A date and time, in the operator's zone."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local", **attrs}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(required=False, widget=widget, validators=[_within_the_calendar])


def _within_the_calendar(given: dt.datetime) -> None:
    """So that it can be written in any zone."""
    if not checks.EARLIEST < given < checks.LATEST:
        raise ValidationError("Choose a date that is nearer.")


def _lines(rows: int, most: int, **attrs: str) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows, **attrs})
    return forms.CharField(required=False, max_length=most, widget=area)


class BlockForm(forms.Form):
    """Why, until when, and what the person is told."""

    reason = forms.CharField(
        max_length=checks.MAX_REASON,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
        help_text="For operators; the user does not see it.",
    )
    how_long = forms.ChoiceField(
        label="Until",
        initial="good",
        widget=forms.RadioSelect,
        choices=[
            ("1h", "1 hour"),
            ("24h", "24 hours"),
            ("7d", "7 days"),
            ("date", "A date"),
            ("good", "For good"),
        ],
    )
    until = _moment()
    text = _lines(2, checks.MAX_TEXT)
    note = _lines(2, checks.MAX_NOTE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].label = "Date and time"
        self.fields["text"].label = "What the user is told"
        self.fields["note"].label = "Private note"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("how_long") == "date" and not data.get("until") and "until" not in self.errors:
            self.add_error("until", "Choose the date and time, or another way.")
        elif data.get("how_long") != "date":
            self.errors.pop("until", None)  # then what stands there is not meant
        return data

    @property
    def end(self) -> dt.datetime | None:
        """When the block ends; None for good, and for what is no way to say it."""
        given = self.cleaned_data
        how_long = given.get("how_long", "")
        if how_long in SPANS:
            return timezone.now() + SPANS[how_long]
        end: dt.datetime | None = given.get("until") if how_long == "date" else None
        return end


class PlanForm(forms.Form):
    """The plan, and its end if it has one."""

    plan = forms.ChoiceField(required=False)
    until = _moment()

    def __init__(self, agent: Agent, told: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plans = Plan.objects.filter(agent=agent).values_list("key", "name", "price")
        nothing = f"What reporters tell: {told}" if told else "None"
        self.fields["plan"].choices = [  # type: ignore[attr-defined]
            ("", nothing),
            *((key, f"{name}, {price}" if price else name) for key, name, price in plans),
        ]
        self.fields["until"].label = "Until"
        self.fields["until"].help_text = "Afterwards what reporters tell counts again."


class TagsForm(forms.Form):
    """All tags that operators put on a user: those of the agent, and new ones."""

    tags = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    new = forms.CharField(
        label="New tags",
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Separated by commas.",
    )

    def __init__(self, names: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> set[str]:
        new = (name.strip() for name in self.cleaned_data["new"].split(","))
        return {*self.cleaned_data["tags"], *filter(None, new)}


class AttributeForm(forms.Form):
    """One attribute that operators add."""

    name = forms.CharField(
        max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True})
    )
    value = forms.CharField(max_length=8_000, strip=False, widget=forms.Textarea(attrs={"rows": 2}))


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note",
        max_length=checks.MAX_REMARK,
        widget=forms.Textarea(attrs={"rows": 5, "autofocus": True}),
    )


class EraseForm(forms.Form):
    """The last question before a user is erased or anonymised."""

    confirmation = forms.CharField(
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    may_return = forms.BooleanField(required=False)

    def __init__(self, label: str, word: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label, self.word = label, word

    def clean_confirmation(self) -> str:
        typed = str(self.cleaned_data["confirmation"])
        if typed.casefold() not in (self.label.casefold(), self.word):
            raise ValidationError(f"Type “{self.label}” or “{self.word}”.")
        return typed


class AnonymiseForm(EraseForm):
    keep_texts = forms.BooleanField(required=False)
