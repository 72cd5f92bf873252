"""Choosing the backend: one form for each kind. Only the chosen kind's form is read."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.backends.outgoing import OutgoingError, check_url
from frontdesk.core.encryption import EncryptionError, decrypt, encrypt
from frontdesk.core.text import clean_line, sentence

OPENAI_URL = "https://api.openai.com/v1"
_ENDPOINT = "/chat/completions"
_SHOWN = 4
"""Last characters of a key, by which operators recognize it; short keys show none."""
_COMMON = ("history_length", "timeout")

_WIDGETS: dict[str, forms.Widget] = {
    "url": forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    "model": forms.TextInput(
        attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "gpt-4o-mini"}
    ),
    "system_prompt": forms.Textarea(
        attrs={"rows": 5, "placeholder": _("You are the assistant of …")}
    ),
}
_LABELS = {
    "url": _("Base URL"),
    "key_header": _("How the key is sent"),
    "max_tokens": _("Max tokens"),
    "history_length": _("History"),
}
_HELP = {
    "history_length": _("Earlier messages of the conversation that are sent along."),
    "timeout": _("Seconds of silence after which an answer counts as failed."),
    "system_prompt": _("The model reads this first, in every conversation."),
    "temperature": _("0 to 2. Empty: the model’s default."),
    "max_tokens": _("The longest answer. Empty: the model’s default."),
}


class BackendForm(forms.ModelForm[Backend]):
    """What all kinds have in common. `meaning` is the page's description of the kind."""

    kind: ClassVar[Backend.Kind]
    meaning: ClassVar[str | Promise]

    def __init__(self, agent: Agent, stored: Backend | None, data: Any = None) -> None:
        # A kind that is not in use starts empty, so that it does not get another kind's key.
        self.is_stored = stored is not None and stored.kind == self.kind
        fresh = Backend(agent=agent, kind=self.kind)
        instance = stored if stored is not None and self.is_stored else fresh
        self.stored_url = instance.url
        super().__init__(data, instance=instance, prefix=str(self.kind))

    def normalize_url(self, url: str) -> str:
        return url

    def clean_url(self) -> str:
        url = self.normalize_url(self.cleaned_data["url"].strip())
        try:
            check_url(url)
        except OutgoingError as error:
            raise ValidationError(sentence(error)) from None
        return url


class DemoForm(BackendForm):
    kind = Backend.Kind.DEMO
    meaning = _("Built in: no key, no network, no cost. It explains itself. Good for a first try.")

    class Meta:
        model = Backend
        fields: tuple[str, ...] = ()


class OpenAIForm(BackendForm):
    kind = Backend.Kind.OPENAI
    meaning = _(
        "OpenAI, Azure-style gateways, Ollama, vLLM, LiteLLM, and any other server with chat"
        " completions."
    )

    key = forms.CharField(
        label=_("API key"),
        required=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    remove_key = forms.BooleanField(label=_("Remove the stored key"), required=False)

    class Meta:
        model = Backend
        fields = (
            "url",
            "model",
            "key_header",
            "system_prompt",
            "temperature",
            "max_tokens",
            *_COMMON,
        )
        widgets = _WIDGETS
        labels = _LABELS
        help_texts = {
            **_HELP,
            "url": _("Up to /v1; a query string is sent along. Ollama: http://localhost:11434/v1"),
        }

    def __init__(self, agent: Agent, stored: Backend | None, data: Any = None) -> None:
        super().__init__(agent, stored, data)
        for name in ("url", "model"):
            self.fields[name].required = True
        if not self.is_stored:
            self.initial["url"] = OPENAI_URL
        # While the name is typed, the page says whether it is on the price list.
        self.fields["model"].widget.attrs |= {
            "hx-get": reverse("backends:price", args=[agent.id]),
            "hx-target": "#model-price",
            "hx-swap": "innerHTML",
            "hx-trigger": "input changed delay:400ms",
            "hx-sync": "this:replace",
            "data-quiet": "",
        }

    @property
    def has_key(self) -> bool:
        return bool(self.is_stored and self.instance.secret)

    @property
    def key_state(self) -> str:
        """The page's text about the stored key."""
        try:
            key = decrypt(self.instance.secret) if self.is_stored else ""
        except EncryptionError as error:
            return gettext("A key is stored, but cannot be read: %(error)s.") % {"error": error}
        if not key:
            return gettext("It will be stored encrypted. Your own servers often need none.")
        if len(key) < 4 * _SHOWN:
            return gettext("A key is stored. Leave this empty to keep it.")
        text = gettext("A key that ends in …%(end)s is stored. Leave this empty to keep it.")
        return text % {"end": key[-_SHOWN:]}

    def normalize_url(self, url: str) -> str:
        """The base URL, even if the full address of an endpoint was pasted."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return url  # check_url says what is wrong
        path = parts.path.rstrip("/").removesuffix(_ENDPOINT)
        return parts._replace(path=path, fragment="").geturl()

    def clean_model(self) -> str:
        model = clean_line(self.cleaned_data["model"])
        if not model:
            raise ValidationError(_("A model needs a name."))
        return model

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"].strip()
        if not key.isascii() or not key.isprintable() or " " in key:
            raise ValidationError(_("A key has only letters, digits and symbols, and no spaces."))
        return key

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        key, is_removed = self.cleaned_data.get("key"), self.cleaned_data.get("remove_key")
        if key and is_removed:
            self.add_error("remove_key", _("Either enter a new key, or remove the stored one."))
        elif key or is_removed:
            self.instance.secret = encrypt(key or "")
        elif self.instance.secret and self._has_new_address():
            self.add_error(
                "key", _("The stored key belongs to the previous address: enter the key again.")
            )
        if self.errors and key:
            self.add_error("key", _("Enter it again: a key is never sent back to the page."))
        return data

    def _has_new_address(self) -> bool:
        return bool(self.cleaned_data.get("url", self.stored_url) != self.stored_url)


class HttpForm(BackendForm):
    kind = Backend.Kind.HTTP
    meaning = _(
        "Each message is signed and sent to your own address, which answers with a text or"
        " a stream."
    )

    class Meta:
        model = Backend
        fields = ("url", *_COMMON)
        widgets = {
            "url": forms.URLInput(
                attrs={"autocomplete": "off", "placeholder": "https://agent.example.com/answer"}
            )
        }
        labels = {**_LABELS, "url": _("Address")}
        help_texts = {**_HELP, "url": _("Each message is sent here, and the answer comes back.")}

    def __init__(self, agent: Agent, stored: Backend | None, data: Any = None) -> None:
        super().__init__(agent, stored, data)
        self.fields["url"].required = True


def make_forms(
    agent: Agent, stored: Backend | None, data: Mapping[str, Any] | None = None
) -> dict[str, BackendForm]:
    """A form for each kind; `data` is for the kind that it chooses."""
    chosen = data.get("kind") if data is not None else None
    return {
        str(form.kind): form(agent, stored, data if form.kind == chosen else None)
        for form in (DemoForm, OpenAIForm, HttpForm)
    }
