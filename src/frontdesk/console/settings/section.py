"""The frame of the settings: their sections, and how one of them is shown."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from frontdesk.agents.models import Agent


@dataclass(frozen=True)
class Section:
    """One page of the settings; its key is its template's name, and its url's in `room`."""

    key: str
    title: str
    icon: str
    room: str = "agents"

    @property
    def url_name(self) -> str:
        return "agents:settings" if self.key == "general" else f"{self.room}:{self.key}"


SECTIONS = (
    Section("general", "General", "adjustments"),
    Section("backend", "Backend", "robot", "backends"),
    Section("channels", "Channels", "messages", "channels"),
    Section("access", "Access", "shield-lock"),
    Section("limits", "Limits", "gauge"),
    Section("plans", "Plans", "credit-card"),
    Section("tags", "Tags", "tags"),
    Section("texts", "Texts", "message"),
    Section("keys", "API keys", "key"),
    Section("privacy", "Privacy", "lock"),
    Section("danger", "Danger zone", "alert-triangle"),
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
