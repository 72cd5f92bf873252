"""The web chat's appearance, and the sites that may embed it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from frontdesk.channels.web.models import WebChat
from frontdesk.channels.web.origins import OriginError, parse_origin
from frontdesk.console.settings.forms.plans import color_field
from frontdesk.core.text import clean_line

MAX_SUGGESTIONS = 6
MAX_SUGGESTION = 120
MAX_ORIGINS = 50
_LINES = {"rows": 3, "autocomplete": "off"}


class WebChatForm(forms.ModelForm[WebChat]):
    """The lists are edited as texts, one entry per line."""

    suggestion_lines = forms.CharField(
        label=_("Suggested questions"),
        required=False,
        max_length=MAX_SUGGESTIONS * (MAX_SUGGESTION + 2),
        widget=forms.Textarea(
            attrs={**_LINES, "placeholder": _("Where is my order?\nHow do I return something?")}
        ),
        help_text=format_lazy(
            _("One per line, at most {count}. They are shown as buttons at the start."),
            count=MAX_SUGGESTIONS,
        ),
    )
    origin_lines = forms.CharField(
        label=_("Sites that may embed it"),
        required=False,
        max_length=MAX_ORIGINS * 300,
        widget=forms.Textarea(
            attrs={**_LINES, "spellcheck": "false", "placeholder": "https://www.example.com"}
        ),
        help_text=_(
            "One per line, with https:// and without a path. Each is exactly one site: "
            "https://example.com is not https://www.example.com."
        ),
    )

    class Meta:
        model = WebChat
        fields = ("greeting", "color")
        widgets = {
            "greeting": forms.Textarea(
                attrs={"rows": 2, "placeholder": _("Hello! How can I help you?")}
            )
        }
        help_texts = {"greeting": _("Shown before a person’s first message.")}

    field_order = ("greeting", "suggestion_lines", "color", "origin_lines")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["color"] = color_field()
        self.initial["suggestion_lines"] = "\n".join(self.instance.suggestions)
        self.initial["origin_lines"] = "\n".join(self.instance.origins)
        self.order_fields(self.field_order)

    def clean_suggestion_lines(self) -> list[str]:
        lines = _lines(self.cleaned_data["suggestion_lines"])
        if len(lines) > MAX_SUGGESTIONS:
            raise ValidationError(
                _too_many(
                    gettext("At most %(most)s questions; there are %(count)s."),
                    MAX_SUGGESTIONS,
                    lines,
                )
            )
        for line in lines:
            if len(line) > MAX_SUGGESTION:
                text = gettext(
                    "A question has at most %(most)s characters: “%(begin)s…” is longer."
                )
                raise ValidationError(text % {"most": MAX_SUGGESTION, "begin": line[:40]})
        return lines

    def clean_origin_lines(self) -> list[str]:
        lines = _lines(self.cleaned_data["origin_lines"])
        if len(lines) > MAX_ORIGINS:
            raise ValidationError(
                _too_many(
                    gettext("At most %(most)s sites; there are %(count)s."), MAX_ORIGINS, lines
                )
            )
        origins, errors = [], []
        for line in lines:
            try:
                origins.append(parse_origin(line))
            except OriginError as error:
                text = gettext("“%(origin)s”: %(error)s.")
                errors.append(ValidationError(text % {"origin": line[:80], "error": error}))
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
        """The web chat's columns to save."""
        columns = {"suggestion_lines": "suggestions", "origin_lines": "origins"}
        return [columns.get(name, name) for name in self.changed_data]


def _too_many(text: str, maximum: int, lines: list[str]) -> str:
    return text % {"most": maximum, "count": len(lines)}


def _lines(text: str) -> list[str]:
    cleaned = (clean_line(line) for line in text.splitlines())
    return [line for line in cleaned if line]
