"""Who may write to an agent, and the list of invited people."""

import io
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from frontdesk.agents import invitees
from frontdesk.agents.invitees import MAX_BYTES, MAX_LINES, Reading
from frontdesk.agents.models import Agent

MEANINGS = {
    Agent.Access.OPEN: "Whoever writes is answered.",
    Agent.Access.VERIFIED: "Only identities that somebody vouches for: Telegram's always, "
    "the web chat's when your site signs them, a program's when it says so.",
    Agent.Access.INVITED: "Only people on the list below. An e-mail address counts "
    "when it is verified, a username in Telegram.",
    Agent.Access.CLOSED: "Everyone who writes is told that the agent is closed.",
}


class AccessForm(forms.ModelForm[Agent]):
    class Meta:
        model = Agent
        fields = ("access",)
        widgets = {"access": forms.RadioSelect}
        labels = {"access": "Who may write"}

    @property
    def modes(self) -> Iterator[tuple[Any, str]]:
        """Each choice, and what it means."""
        for choice in self["access"]:
            yield choice, MEANINGS[Agent.Access(choice.data["value"])]


class InviteForm(forms.Form):
    """Invitations as text, as a file, or both; bad lines are told, and stop no good ones."""

    lines = forms.CharField(
        label="Invite people",
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
        help_text="One a line: platform:id, a Telegram @username, or an e-mail address.",
    )
    file = forms.FileField(
        label="Or a file",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".txt,.csv,text/plain,text/csv"}),
        help_text=f"Text or CSV (its first column), up to {MAX_BYTES // 1_000_000} MB "
        f"and {MAX_LINES:,} lines.",
    )

    def clean_file(self) -> str:
        """The file's text."""
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file is None:
            return ""
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(f"The file is larger than {MAX_BYTES // 1_000_000} MB.")
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValidationError("The file is no text in UTF-8. Save it as CSV UTF-8.") from None
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        text = "\n".join(part for part in (data["lines"], data["file"]) if part)
        if not text.strip():
            raise ValidationError("Type or paste whom to invite, or choose a file.")
        if text.count("\n") >= MAX_LINES:
            raise ValidationError(f"These are more than {MAX_LINES:,} lines. Split the list.")
        return {**data, "text": text}

    def read(self) -> Reading:
        """Whom the text and the file invite; only for a valid form."""
        return invitees.read(io.StringIO(self.cleaned_data["text"]))
