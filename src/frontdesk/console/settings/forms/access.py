"""Who may write to an agent, and the list of invited people."""

import io
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from frontdesk.agents import invitees
from frontdesk.agents.invitees import MAX_BYTES, MAX_LINES, Reading
from frontdesk.agents.models import Agent
from frontdesk.core.formats import number
from frontdesk.core.text import Text

MAXIMA = {"size": MAX_BYTES // 1_000_000, "lines": number(MAX_LINES)}

MEANINGS = {
    Agent.Access.OPEN: _("Everyone who writes is answered."),
    Agent.Access.VERIFIED: _(
        "Only verified identities: always on Telegram, in the web chat if your site signs them,"
        " and from programs that vouch for them."
    ),
    Agent.Access.INVITED: _(
        "Only people on the list below. E-mail addresses count if they are verified,"
        " usernames only on Telegram."
    ),
    Agent.Access.CLOSED: _("No one is answered. Users who write see a text that says so."),
}


class AccessForm(forms.ModelForm[Agent]):
    class Meta:
        model = Agent
        fields = ("access",)
        widgets = {"access": forms.RadioSelect}
        labels = {"access": _("Who may write")}

    @property
    def modes(self) -> Iterator[tuple[Any, Text]]:
        """Each choice and its meaning."""
        for choice in self["access"]:
            yield choice, MEANINGS[Agent.Access(choice.data["value"])]


class InviteForm(forms.Form):
    """Invitations as text, as a file, or both. Invalid lines do not affect the valid ones."""

    lines = forms.CharField(
        label=_("Invite people"),
        required=False,
        max_length=MAX_BYTES,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 4,
                "spellcheck": "false",
                "autocomplete": "off",
                "placeholder": "telegram:12345\n@username\nname@example.com",
            }
        ),
        help_text=_("One per line: platform:id, a Telegram @username, or an e-mail address."),
    )
    file = forms.FileField(
        label=_("Or a file"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".txt,.csv,text/plain,text/csv"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = _("Text or CSV (its first column), up to %(size)s MB and %(lines)s lines.")
        self.fields["file"].help_text = text % MAXIMA

    def clean_file(self) -> str:
        """The file's text."""
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file is None:
            return ""
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(_("The file is larger than %(size)s MB."), params=MAXIMA)
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            message = _("The file is not text in UTF-8. Save it as CSV UTF-8.")
            raise ValidationError(message) from None
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        text = "\n".join(part for part in (data["lines"], data["file"]) if part)
        if not text.strip():
            raise ValidationError(_("Type or paste a list of people, or choose a file."))
        if text.count("\n") >= MAX_LINES:
            message = _("The list has more than %(lines)s lines. Split it.")
            raise ValidationError(message, params=MAXIMA)
        return {**data, "text": text}

    def read(self) -> Reading:
        """The invitations in the text and the file, for a valid form."""
        return invitees.read(io.StringIO(self.cleaned_data["text"]))
