"""Making an agent, and the general section of its settings."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from frontdesk.agents.models import DEFAULT_SESSION_TIMEOUT, Agent
from frontdesk.console.settings.forms.languages import language_choices
from frontdesk.console.zones import zone_field
from frontdesk.core.text import clean_line

MAX_MINUTES = 7 * 24 * 60


class AgentForm(forms.ModelForm[Agent]):
    """The agent as operators think of it: the session timeout is in minutes here."""

    SUGGESTED_AVATARS = "🤖 🛎️ 🦊 🦉 🐙 🐝 🌱 🌊 🔥 ⚡ 🚀 🎓 📚 🧭 🩺 🛒 🍳 🎧 💬".split()

    timeout_minutes = forms.IntegerField(
        label="Session timeout",
        min_value=1,
        max_value=MAX_MINUTES,
        help_text="Minutes of silence after which the next message starts a new session.",
    )

    class Meta:
        model = Agent
        fields: tuple[str, ...] = ("name", "description", "avatar", "time_zone")
        widgets = {
            "name": forms.TextInput(
                attrs={"autocomplete": "off", "placeholder": "Support assistant"}
            ),
            "description": forms.Textarea(
                attrs={"rows": 2, "placeholder": "What it does, and for whom"}
            ),
            "avatar": forms.TextInput(attrs={"autocomplete": "off"}),
        }
        help_texts = {"avatar": "One emoji. Without one, the first letters of the name are shown."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"] = zone_field(
            self.instance.time_zone, "Time zone", "Where this agent's days and weeks begin and end."
        )
        # Rounded up for showing; a timeout that nobody touches keeps its seconds, see clean().
        self.initial["timeout_minutes"] = -(-self.instance.session_timeout // 60)

    def clean_name(self) -> str:
        # Signs that reverse the text around them would reach every sentence with the name in it.
        name = clean_line(self.cleaned_data["name"])
        if not name:
            raise ValidationError("A name needs at least one sign that can be seen.")
        return name

    def clean_avatar(self) -> str:
        avatar: str = self.cleaned_data["avatar"].strip()
        if avatar and not _is_emoji(avatar):
            raise ValidationError("This is not an emoji. Leave it empty to show the first letters.")
        return avatar

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if "timeout_minutes" in self.changed_data and "timeout_minutes" in self.cleaned_data:
            self.instance.session_timeout = 60 * self.cleaned_data["timeout_minutes"]
        return data

    @property
    def changed_columns(self) -> list[str]:
        """The columns of the agent that are to be written."""
        return [
            "session_timeout" if name == "timeout_minutes" else name for name in self.changed_data
        ]


class GeneralForm(AgentForm):
    """An agent that is there already: also the fallback language."""

    class Meta(AgentForm.Meta):
        fields = (*AgentForm.Meta.fields, "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            label="Fallback language",
            choices=language_choices(self.instance),
            help_text="Someone whose own language has no text here is answered in this one.",
        )


def new_agent(time_zone: str) -> Agent:
    """An unsaved agent with what a form for a new one starts from."""
    return Agent(time_zone=time_zone or "UTC", session_timeout=DEFAULT_SESSION_TIMEOUT)


def _is_emoji(text: str) -> bool:
    """One picture: it starts with a symbol (or a keycap's digit), and holds no letters or spaces.

    A family or a flag is several symbols; whether they join into one is left to the font.
    """
    kinds = [unicodedata.category(sign) for sign in text]
    starts_well = kinds[0] == "So" or text.endswith("\u20e3")
    return starts_well and not any(kind[0] in "LZ" for kind in kinds)
