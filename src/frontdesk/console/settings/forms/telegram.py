"""Connecting a bot."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from frontdesk.backends.outgoing import OutgoingError, check_url
from frontdesk.channels.telegram.models import API_URL, TelegramBot
from frontdesk.core.text import sentence

_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,100}")


class BotForm(forms.Form):
    """The token and, under “Advanced”, how to reach Telegram."""

    token = forms.CharField(
        label=_("Bot token"),
        max_length=200,
        widget=forms.PasswordInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "placeholder": "123456789:AAE…",
            }
        ),
        help_text=_("It is stored encrypted and never shown again."),
    )
    mode = forms.ChoiceField(
        label=_("How updates arrive"),
        choices=TelegramBot.Mode.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "Polling works everywhere. A webhook needs a public https address of Frontdesk."
        ),
    )
    api_url = forms.CharField(
        label=_("Bot API server"),
        max_length=500,
        help_text=_("Only for your own Bot API server."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data: Any = None, *, bot: TelegramBot | None) -> None:
        initial = {"mode": TelegramBot.Mode.POLLING, "api_url": API_URL}
        if bot is not None:
            initial = {"mode": TelegramBot.Mode(bot.mode), "api_url": bot.api_url}
        super().__init__(data, initial=initial)

    @property
    def is_advanced(self) -> bool:
        """Whether the section “Advanced” is open."""
        wrong = {"mode", "api_url"} & set(self.errors)
        values = [self["mode"].value(), self["api_url"].value()]
        return bool(wrong) or values != [TelegramBot.Mode.POLLING, API_URL]

    def clean_token(self) -> str:
        token: str = self.cleaned_data["token"]
        if not _TOKEN.fullmatch(token):
            raise ValidationError(
                _(
                    "This is not a bot token."
                    " @BotFather gives you one: digits, a colon, and letters."
                )
            )
        return token

    def clean_mode(self) -> str:
        mode: str = self.cleaned_data["mode"]
        if mode == TelegramBot.Mode.WEBHOOK and not settings.ENV.public_url.startswith("https://"):
            raise ValidationError(
                _(
                    "A webhook requires FRONTDESK_PUBLIC_URL to start with https://."
                    " Polling works without it."
                )
            )
        return mode

    def clean_api_url(self) -> str:
        url: str = self.cleaned_data["api_url"].rstrip("/")
        if url == API_URL:
            return url
        try:
            check_url(url)
        except OutgoingError as error:
            raise ValidationError(sentence(error)) from None
        return url
