"""The forms of actions on users. Rules that pages and the API share are in people.validation."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import Agent, Plan
from frontdesk.people import validation as checks

SPANS = {"1h": dt.timedelta(hours=1), "24h": dt.timedelta(hours=24), "7d": dt.timedelta(days=7)}


def _moment(**texts: Any) -> forms.DateTimeField:
    """A date and time, in the operator's zone."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(
        required=False, widget=widget, validators=[_within_the_calendar], **texts
    )


def _within_the_calendar(time: dt.datetime) -> None:
    """A time near the calendar's ends cannot be converted to every zone."""
    if not checks.EARLIEST < time < checks.LATEST:
        raise ValidationError(gettext("Choose an earlier date."))


def _lines(max_length: int, **texts: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(required=False, max_length=max_length, widget=area, **texts)


class BlockForm(forms.Form):
    """The reason, the end, and the text that the user reads."""

    reason = forms.CharField(
        max_length=checks.MAX_REASON,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
        label=_("Reason"),
        help_text=_("For operators. The user does not see it."),
    )
    how_long = forms.ChoiceField(
        label=_("Until"),
        initial="good",
        widget=forms.RadioSelect,
        choices=[
            ("1h", _("1 hour")),
            ("24h", _("24 hours")),
            ("7d", _("7 days")),
            ("date", _("A date")),
            ("good", _("For good")),
        ],
    )
    until = _moment(label=_("Date and time"))
    text = _lines(checks.MAX_TEXT, label=_("Text for the user"))
    note = _lines(checks.MAX_NOTE, label=_("Private note"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("how_long") == "date" and not data.get("until") and "until" not in self.errors:
            self.add_error("until", gettext("Choose the date and time, or another option."))
        elif data.get("how_long") != "date":
            self.errors.pop("until", None)  # the field is ignored with another choice
        return data

    @property
    def end(self) -> dt.datetime | None:
        """When the block ends; None for good, and for an invalid choice."""
        data = self.cleaned_data
        how_long = data.get("how_long", "")
        if how_long in SPANS:
            return timezone.now() + SPANS[how_long]
        end: dt.datetime | None = data.get("until") if how_long == "date" else None
        return end


class PlanForm(forms.Form):
    """The plan, and an optional end."""

    plan = forms.ChoiceField(label=_("Plan"), required=False)
    until = _moment(label=_("Until"), help_text=_("Afterwards the reported plan applies again."))

    def __init__(self, agent: Agent, reported: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plans = Plan.objects.filter(agent=agent).values_list("key", "name", "price")
        nothing = (
            gettext("As reported: %(plan)s") % {"plan": reported} if reported else gettext("None")
        )
        self.fields["plan"].choices = [  # type: ignore[attr-defined]
            ("", nothing),
            *((key, f"{name}, {price}" if price else name) for key, name, price in plans),
        ]


class TagsForm(forms.Form):
    """The tags that operators assigned to a user, the agent's other tags, and new ones."""

    tags = forms.MultipleChoiceField(
        label=_("Tags"), required=False, widget=forms.CheckboxSelectMultiple
    )
    new = forms.CharField(
        label=_("New tags"),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Separated by commas."),
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
        label=_("Name"),
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    value = forms.CharField(
        label=_("Value"), max_length=8_000, strip=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"),
        max_length=checks.MAX_REMARK,
        widget=forms.Textarea(attrs={"rows": 5, "autofocus": True}),
    )


class EraseForm(forms.Form):
    """The confirmation before a user is erased or anonymized."""

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
            raise ValidationError(
                gettext("Type “%(label)s” or “%(word)s”.")
                % {"label": self.label, "word": self.word}
            )
        return typed


class AnonymizeForm(EraseForm):
    keep_texts = forms.BooleanField(required=False)
