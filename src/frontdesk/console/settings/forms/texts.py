"""The texts for people in one language, one for each occasion."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from frontdesk.agents.models import AgentText
from frontdesk.console.settings.forms.languages import direction
from frontdesk.core.text import storable
from frontdesk.gate.texts import OCCASIONS, Occasion, default_text

MAX_TEXT = AgentText._meta.get_field("text").max_length


class TextsForm(forms.Form):
    """The agent's own texts. An empty field means the built-in text, shown as a placeholder."""

    def __init__(
        self, data: Mapping[str, Any] | None, *, language: str, texts: Mapping[str, str]
    ) -> None:
        super().__init__(data)
        for occasion in OCCASIONS.values():
            self.fields[occasion.key] = forms.CharField(
                label=occasion.title,
                required=False,
                max_length=MAX_TEXT,
                initial=texts.get(occasion.key, ""),
                help_text=occasion.definition,
                widget=forms.Textarea(
                    attrs={
                        "rows": 2,
                        "lang": language,
                        "dir": direction(language),
                        "placeholder": default_text(occasion.key, language),
                    }
                ),
            )

    def fields_by_occasion(self) -> Iterator[tuple[Occasion, forms.BoundField]]:
        for key, occasion in OCCASIONS.items():
            yield occasion, self[key]

    @property
    def texts(self) -> dict[str, str]:
        """The text of each occasion, empty for the built-in one, for a valid form."""
        return {
            key: storable(self.cleaned_data[key].replace("\r\n", "\n").strip()) for key in OCCASIONS
        }
