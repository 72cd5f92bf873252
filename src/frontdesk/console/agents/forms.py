"""Creating an agent, and the general section of its settings."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import DEFAULT_SESSION_TIMEOUT, Agent
from frontdesk.console.settings.forms.languages import language_choices
from frontdesk.console.zones import zone_field
from frontdesk.core.text import clean_line

MAX_MINUTES = 7 * 24 * 60


class AgentForm(forms.ModelForm[Agent]):
    """An agent; its session timeout is in minutes here."""

    SUGGESTED_AVATARS = "🤖 🛎️ 🦊 🦉 🐙 🐝 🌱 🌊 🔥 ⚡ 🚀 🎓 📚 🧭 🩺 🛒 🍳 🎧 💬".split()

    timeout_minutes = forms.IntegerField(
        label=_("Session timeout"),
        min_value=1,
        max_value=MAX_MINUTES,
        help_text=_("Minutes of silence after which the next message starts a new session."),
    )

    class Meta:
        model = Agent
        fields: tuple[str, ...] = ("name", "description", "avatar", "time_zone")
        widgets = {
            "name": forms.TextInput(
                attrs={"autocomplete": "off", "placeholder": _("Support assistant")}
            ),
            "description": forms.Textarea(
                attrs={"rows": 2, "placeholder": _("What it does, and who it is for")}
            ),
            "avatar": forms.TextInput(attrs={"autocomplete": "off"}),
        }
        help_texts = {
            "avatar": _("One emoji. Without one, the first letters of the name are shown.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"] = zone_field(
            self.instance.time_zone,
            gettext("Time zone"),
            gettext("The days and weeks of this agent begin and end in this zone."),
        )
        # Shown rounded up. An unchanged timeout keeps its seconds; see clean().
        self.initial["timeout_minutes"] = -(-self.instance.session_timeout // 60)

    def clean_name(self) -> str:
        # Characters that reverse the text direction would affect every sentence with the name.
        name = clean_line(self.cleaned_data["name"])
        if not name:
            raise ValidationError(_("A name needs at least one visible character."))
        return name

    def clean_avatar(self) -> str:
        avatar: str = self.cleaned_data["avatar"].strip()
        if avatar and not _is_emoji(avatar):
            message = _("This is not an emoji. Leave it empty to show the first letters.")
            raise ValidationError(message)
        return avatar

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if "timeout_minutes" in self.changed_data and "timeout_minutes" in self.cleaned_data:
            self.instance.session_timeout = 60 * self.cleaned_data["timeout_minutes"]
        return data

    @property
    def changed_columns(self) -> list[str]:
        """The agent's columns to save."""
        return [
            "session_timeout" if name == "timeout_minutes" else name for name in self.changed_data
        ]


class GeneralForm(AgentForm):
    """An existing agent, with its fallback language."""

    class Meta(AgentForm.Meta):
        fields = (*AgentForm.Meta.fields, "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            label=_("Fallback language"),
            choices=language_choices(self.instance),
            help_text=_("Texts are in this language if there are none in a person’s own."),
        )


def new_agent(time_zone: str) -> Agent:
    """An unsaved agent with the initial values of the form."""
    return Agent(time_zone=time_zone or "UTC", session_timeout=DEFAULT_SESSION_TIMEOUT)


def _is_emoji(text: str) -> bool:
    """Whether a text starts with a symbol (or a keycap's digit) and has no letters or spaces.

    A family or a flag is several symbols; the font decides whether they join into one.
    """
    kinds = [unicodedata.category(character) for character in text]
    starts_well = kinds[0] == "So" or text.endswith("\u20e3")
    return starts_well and not any(kind[0] in "LZ" for kind in kinds)
