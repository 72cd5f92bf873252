"""What to import, and how: the fields come from the registry of formats."""

import datetime as dt
import re
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import Agent
from frontdesk.console.zones import zone_field
from frontdesk.core.text import Text
from frontdesk.imports.formats import FORMATS
from frontdesk.imports.stored_options import KINDS, restored, stored

OPTION_TEXTS: dict[str, tuple[Text, Text]] = {
    "bot": (
        _("The agent in the file"),
        _("A name, @username or id. If it is empty, it is guessed, and shown before the import."),
    ),
    "zone": (_("Time zone"), _("Of times that do not say theirs.")),
    "user": (_("User"), _("The id of the user of conversations that name none.")),
    "time": (
        _("Time"),
        _("Of messages that have none. If it is empty: when the file was uploaded."),
    ),
    "platform": (_("Platform"), _("Where the users are, such as web or api.")),
    "replace": (
        _("Replace"),
        _("Take chats back that were imported with another agent, and import them anew."),
    ),
    "columns": (
        _("Columns"),
        _("What the table’s columns mean, one in a line, such as text=Message."),
    ),
    "date_order": (_("Order of dates"), _("Of dates such as 01/02/24: dmy, mdy or ymd.")),
}
"""By option of a format: label and help."""

_OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)")
MAX_TEXT = 2000


def options_in(text: str) -> set[str]:
    """The options that a text of an importer names, as on the command line."""
    return {found.replace("-", "_") for found in _OPTION.findall(text)} & KINDS.keys()


def in_words(text: str) -> str:
    """A text of an importer, with the labels of the fields for the command line's options."""

    def label(found: re.Match[str]) -> str:
        texts = OPTION_TEXTS.get(found[1].replace("-", "_"))
        return f"“{texts[0]}”" if texts else found[0]

    return _OPTION.sub(label, text)


class UploadForm(forms.Form):
    """A file, and what it is."""

    file = forms.FileField(
        label=_("File"), error_messages={"required": _("Choose a file.")}, max_length=255
    )
    format = forms.ChoiceField(
        label=_("Format"), required=False, help_text=_("Most are recognized by what is in them.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast(forms.ChoiceField, self.fields["format"])
        choice.choices = [("", _("Recognize it")), *_titles()]


class OptionsForm(forms.Form):
    """The format of an uploaded file, and the options that this format heeds."""

    format = forms.ChoiceField(label=_("Format"))

    def __init__(self, agent: Agent, format_: str, options: dict[str, Any], data: Any = None):
        super().__init__(data)
        choice = cast(forms.ChoiceField, self.fields["format"])
        chosen = [] if format_ in FORMATS else [("", _("Choose…"))]
        choice.choices, choice.initial = [*chosen, *_titles()], format_
        heeded = FORMATS[format_].options if format_ in FORMATS else ()
        known = restored(options)
        for name in heeded:
            self.fields[name] = _field(name, agent, getattr(known, name))

    @property
    def options(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "format"]

    @property
    def stored(self) -> dict[str, Any]:
        """The options as the upload keeps them. Only for a valid form."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "format"}
        if columns := said.get("columns"):
            said["columns"] = [line.strip() for line in columns.splitlines() if line.strip()]
        return stored(said)


def _titles() -> list[tuple[str, str]]:
    return [(name, format_.title) for name, format_ in FORMATS.items()]


def _field(name: str, agent: Agent, value: Any) -> forms.Field:
    """The field of an option, after the type of its values."""
    kind = KINDS[name]
    label, help_text = OPTION_TEXTS.get(name, (name, ""))
    if kind is ZoneInfo:
        return zone_field((value or agent.zone).key, str(label), str(help_text))
    said: dict[str, Any] = {"label": label, "help_text": help_text, "required": False}
    if kind is bool:
        return forms.BooleanField(**said, initial=value)
    if kind is dt.datetime:
        widget = forms.DateTimeInput({"type": "datetime-local", "step": 1}, "%Y-%m-%dT%H:%M:%S")
        return forms.DateTimeField(**said, initial=value, widget=widget)
    if kind is str:
        return forms.CharField(**said, initial=value, max_length=255)
    return forms.CharField(
        **said, initial="\n".join(value), max_length=MAX_TEXT, widget=forms.Textarea({"rows": 4})
    )
