"""How the web chat looks, and which sites may embed it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from frontdesk.channels.web.models import WebChat
from frontdesk.channels.web.origins import OriginError, parse_origin
from frontdesk.console.settings.forms.plans import color_field
from frontdesk.core.text import clean_line

MAX_SUGGESTIONS = 6
MAX_SUGGESTION = 120
MAX_ORIGINS = 50
_LINES = {"rows": 3, "autocomplete": "off"}


class WebChatForm(forms.ModelForm[WebChat]):
    """Lists are texts here, one entry a line."""

    suggestion_lines = forms.CharField(
        label="Suggested questions",
        required=False,
        max_length=MAX_SUGGESTIONS * (MAX_SUGGESTION + 2),
        widget=forms.Textarea(
            attrs={**_LINES, "placeholder": "Where is my order?\nHow do I return something?"}
        ),
        help_text=f"One a line, {MAX_SUGGESTIONS} at most. Shown as buttons to begin with.",
    )
    origin_lines = forms.CharField(
        label="Sites that may embed it",
        required=False,
        max_length=MAX_ORIGINS * 300,
        widget=forms.Textarea(
            attrs={**_LINES, "spellcheck": "false", "placeholder": "https://www.example.com"}
        ),
        help_text="One a line, with https:// and without a path. Each is exactly one site: "
        "https://example.com is not https://www.example.com.",
    )

    class Meta:
        model = WebChat
        fields = ("greeting", "colour")
        widgets = {
            "greeting": forms.Textarea(
                attrs={"rows": 2, "placeholder": "Hello! How can I help you?"}
            )
        }
        help_texts = {"greeting": "What people read before they have written anything."}

    field_order = ("greeting", "suggestion_lines", "colour", "origin_lines")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colour"] = color_field()
        self.initial["suggestion_lines"] = "\n".join(self.instance.suggestions)
        self.initial["origin_lines"] = "\n".join(self.instance.origins)
        self.order_fields(self.field_order)

    def clean_suggestion_lines(self) -> list[str]:
        lines = _lines(self.cleaned_data["suggestion_lines"])
        if len(lines) > MAX_SUGGESTIONS:
            raise ValidationError(f"At most {MAX_SUGGESTIONS}; these are {len(lines)}.")
        for line in lines:
            if len(line) > MAX_SUGGESTION:
                raise ValidationError(
                    f"A question has at most {MAX_SUGGESTION} characters: “{line[:40]}…” has more."
                )
        return lines

    def clean_origin_lines(self) -> list[str]:
        lines = _lines(self.cleaned_data["origin_lines"])
        if len(lines) > MAX_ORIGINS:
            raise ValidationError(f"At most {MAX_ORIGINS} sites; these are {len(lines)}.")
        origins, errors = [], []
        for line in lines:
            try:
                origins.append(parse_origin(line))
            except OriginError as error:
                errors.append(ValidationError(f"“{line[:80]}”: {error}."))
        if errors:
            raise ValidationError(errors)
        return list(dict.fromkeys(origins))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            self.instance.suggestions = data["suggestion_lines"]
            self.instance.origins = data["origin_lines"]
        return data

    @property
    def changed_columns(self) -> list[str]:
        """The columns of the web chat that are to be written."""
        columns = {"suggestion_lines": "suggestions", "origin_lines": "origins"}
        return [columns.get(name, name) for name in self.changed_data]


def _lines(text: str) -> list[str]:
    cleaned = (clean_line(line) for line in text.splitlines())
    return [line for line in cleaned if line]
