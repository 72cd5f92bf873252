"""How long the agent's texts are kept, and what people are told about it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import Agent


class PrivacyForm(forms.ModelForm[Agent]):
    """Texts for as long as the agent exists, for some days, or not at all."""

    KEEPING = (
        ("all", _("Keep texts")),
        ("days", _("Keep texts for some days")),
        ("none", _("Keep counts only")),
    )

    keeping = forms.ChoiceField(label=_("Texts"), choices=KEEPING, widget=forms.RadioSelect)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Agent
        fields = ("keep_days",)
        labels = {"keep_days": _("Days")}
        widgets = {"keep_days": forms.NumberInput(attrs={"inputmode": "numeric"})}

    field_order = ("keeping", "keep_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept: tuple[bool, int | None] = (self.instance.keep_texts, self.instance.keep_days)
        self.initial["keeping"] = (
            "none" if not self.kept[0] else "all" if self.kept[1] is None else "days"
        )
        self.fields["keep_days"].help_text = ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        keeping = data.get("keeping")
        if keeping == "days" and data.get("keep_days", 0) is None:
            self.add_error("keep_days", _("Enter the number of days."))
        if keeping == "all":
            data["keep_days"] = None
        if keeping == "none":
            data["keep_days"] = self.kept[1]  # in case texts are kept again later
            self.errors.pop("keep_days", None)
        self.instance.keep_texts = keeping != "none"
        return data

    @property
    def removes_more(self) -> bool:
        """Whether texts that are kept now would be removed, for a valid form."""
        if not self.kept[0]:
            return False
        days: int | None = self.cleaned_data["keep_days"]
        if not self.instance.keep_texts:
            return True
        return days is not None and (self.kept[1] is None or days < self.kept[1])

    @property
    def must_ask(self) -> bool:
        return self.removes_more and not self.cleaned_data["confirmed"]


class NoticeForm(forms.ModelForm[Agent]):
    """What people are told: that an AI answers, and where they ask for their data."""

    privacy_url = forms.URLField(
        label=_("Your own privacy policy"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=Agent._meta.get_field("privacy_url").help_text,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )

    class Meta:
        model = Agent
        fields = ("organization", "tells_ai", "privacy_contact", "privacy_url")
        labels = {
            "organization": _("Organization"),
            "tells_ai": _("Tell people that an AI answers"),
            "privacy_contact": _("Contact for privacy requests"),
        }

    def clean_privacy_url(self) -> str:
        url: str = self.cleaned_data["privacy_url"]
        if url and not url.startswith(("https://", "http://")):
            raise forms.ValidationError(_("Enter an address that starts with https://."))
        return url
