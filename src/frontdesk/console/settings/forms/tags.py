"""Creating and changing a tag."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from frontdesk.agents.models import Tag
from frontdesk.console.settings.forms.plans import color_field
from frontdesk.core.formats import number
from frontdesk.core.text import clean_line
from frontdesk.people.validation import MAX_TAG

MAX_TAGS = 1_000


class TagForm(forms.ModelForm[Tag]):
    """A tag's name and color. A reported tag may be longer than a new one."""

    class Meta:
        model = Tag
        fields = ("name", "color")
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off", "placeholder": "vip"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["color"] = color_field()
        self.old_name: str = self.instance.name
        self._reported = self.initial.get("name", "")

    def clean_name(self) -> str:
        name = clean_line(self.cleaned_data["name"]) or ""
        if not name:
            raise ValidationError(_("Enter a name."))
        if len(name) > MAX_TAG and name not in (self.old_name, self._reported):
            message = _("At most %(most)s characters; this name has %(length)s.")
            raise ValidationError(message, params={"most": MAX_TAG, "length": len(name)})
        others = Tag.objects.filter(agent=self.instance.agent).exclude(id=self.instance.id)
        if others.filter(name=name).exists():
            raise ValidationError(_("There is already a tag “%(name)s”."), params={"name": name})
        if self.instance._state.adding and others.count() >= MAX_TAGS:
            message = _("An agent has at most %(most)s tags.")
            raise ValidationError(message, params={"most": number(MAX_TAGS)})
        return name
