"""The texts that people read when they are not admitted, by occasion and language."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents import actions
from frontdesk.agents.models import Agent
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.languages import clean_language, direction, languages_of
from frontdesk.console.settings.forms.texts import TextsForm
from frontdesk.console.settings.section import show_section
from frontdesk.core.languages import language_name
from frontdesk.gate.texts import Occasion, default_text, fill

SAMPLE_LIMIT = "2,000"
SAMPLE_WAIT = dt.timedelta(minutes=25)


@dataclass(frozen=True)
class Entry:
    """One occasion: its field, and a preview of the field's current text.

    `preview` is empty if it would repeat the built-in text that the field shows.
    """

    occasion: Occasion
    field: BoundField
    preview: str
    is_own: bool


@dataclass(frozen=True)
class Language:
    tag: str
    name: str
    own: int
    """How many of the agent's own texts are in it."""

    @property
    def direction(self) -> str:
        return direction(self.tag)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def texts(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """The texts in `?language=`. The Preview button shows what is typed without saving it."""
    agent = get_agent_for(request.user, agent_id)
    requested = request.GET.get("language", "")
    language = clean_language(requested) or agent.language
    stored = dict(agent.texts.filter(language=language).values_list("occasion", "text"))
    form = TextsForm(request.POST or None, language=language, texts=stored)
    if form.is_valid() and "preview" not in request.POST:
        actions.save_texts(current_actor(request), agent, language, form.texts)
        name = language_name(language)
        messages.success(request, _("The texts in %(language)s are saved.") % {"language": name})
        url = reverse("agents:texts", args=[agent.id])
        return redirect(f"{url}?{urlencode({'language': language})}")
    context = {
        "language": Language(language, language_name(language), len(stored)),
        "languages": _languages(agent, language),
        "unknown": requested if requested and not clean_language(requested) else "",
        "form": form,
        "entries": _entries(agent, form, language),
    }
    status = 422 if context["unknown"] or (form.is_bound and form.errors) else 200
    return show_section(request, agent, "texts", context, status=status)


def _entries(agent: Agent, form: TextsForm, language: str) -> list[Entry]:
    retry = timezone.now() + SAMPLE_WAIT
    entries = []
    for occasion, field in form.fields_by_occasion():
        own = (field.value() or "").strip()
        text = own or default_text(occasion.key, language)
        preview = fill(agent, text, language, retry=retry, limit=SAMPLE_LIMIT)
        shown = preview if own or preview != text else ""
        entries.append(Entry(occasion, field, shown, bool(own)))
    return entries


def _languages(agent: Agent, shown: str) -> list[Language]:
    own: dict[str, int] = {}
    for tag in agent.texts.values_list("language", flat=True):
        own[tag] = own.get(tag, 0) + 1
    tags = sorted({*languages_of(agent), shown}, key=language_name)
    return [Language(tag, language_name(tag), own.get(tag, 0)) for tag in tags]
