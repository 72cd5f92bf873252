"""Making and changing a tag."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from frontdesk.agents.models import Tag
from frontdesk.console.settings.forms.plans import color_field
from frontdesk.core.text import clean_line
from frontdesk.people.validation import MAX_TAG

MAX_TAGS = 1_000


class TagForm(forms.ModelForm[Tag]):
    """A tag's name and color. A tag that reporters tell may be longer than a new one."""

    class Meta:
        model = Tag
        fields = ("name", "color")
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off", "placeholder": "vip"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["color"] = color_field()
        self.old_name: str = self.instance.name
        self._told = self.initial.get("name", "")

    def clean_name(self) -> str:
        name = clean_line(self.cleaned_data["name"]) or ""
        if not name:
            raise ValidationError("Write a name.")
        if len(name) > MAX_TAG and name not in (self.old_name, self._told):
            raise ValidationError(f"At most {MAX_TAG} characters; this has {len(name)}.")
        others = Tag.objects.filter(agent=self.instance.agent).exclude(id=self.instance.id)
        if others.filter(name=name).exists():
            raise ValidationError(f"There is a tag “{name}”.")
        if self.instance._state.adding and others.count() >= MAX_TAGS:
            raise ValidationError(f"An agent has at most {MAX_TAGS:,} tags.")
        return name
