"""The frame of the settings: the list of sections, and rendering one of them."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import Agent
from frontdesk.core.text import Text


@dataclass(frozen=True)
class Section:
    """One page of the settings. Its key names its template and, within `namespace`, its URL."""

    key: str
    title: Text
    icon: str
    namespace: str = "agents"

    @property
    def url_name(self) -> str:
        return "agents:settings" if self.key == "general" else f"{self.namespace}:{self.key}"


SECTIONS = (
    Section("general", _("General"), "adjustments"),
    Section("backend", _("Backend"), "robot", "backends"),
    Section("channels", _("Channels"), "messages", "channels"),
    Section("access", _("Access"), "shield-lock"),
    Section("limits", _("Limits"), "gauge"),
    Section("prices", _("Prices"), "coin"),
    Section("plans", _("Plans"), "credit-card"),
    Section("tags", _("Tags"), "tags"),
    Section("texts", _("Texts"), "message"),
    Section("imports", _("Imports"), "upload", "imports"),
    Section("keys", _("API keys"), "key"),
    Section("privacy", _("Privacy"), "lock"),
    Section("danger", _("Danger zone"), "alert-triangle"),
)


def show_section(
    request: HttpRequest,
    agent: Agent,
    key: str,
    context: dict[str, Any],
    *,
    template: str = "",
    status: int = 200,
) -> HttpResponse:
    """The section's page, or another page within it."""
    frame = {"agent": agent, "tab": "settings", "section": key, "sections": SECTIONS}
    template = template or f"settings/{key}.html"
    return render(request, template, {**context, **frame}, status=status)
