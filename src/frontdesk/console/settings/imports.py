"""The imports of an agent: the list, one import with its report, and taking it back."""

import datetime as dt
import uuid
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from frontdesk import audit
from frontdesk.accounts.access import get_agent_for
from frontdesk.agents.models import Agent
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.imports import UploadForm, in_words
from frontdesk.console.settings.section import show_section
from frontdesk.console.sheets import close_sheet, serve_sheet
from frontdesk.core.text import Text
from frontdesk.imports import upload_files
from frontdesk.imports.formats import FORMATS
from frontdesk.imports.models import Upload
from frontdesk.ledger import imports as ledger_imports
from frontdesk.ledger.models import Import

PAGE_SIZE = 50
STATES = {
    Import.State.RUNNING: gettext_lazy("Importing"),
    Import.State.STOPPED: gettext_lazy("Stopped"),
    Import.State.DONE: gettext_lazy("Imported"),
    Import.State.UNDOING: gettext_lazy("Taking back"),
    Import.State.UNDONE: gettext_lazy("Taken back"),
}
OUTCOMES = {
    "recorded": (gettext_lazy("Recorded"), gettext_lazy("New messages.")),
    "duplicates": (gettext_lazy("Known already"), gettext_lazy("Nothing changes.")),
    "conflicts": (
        gettext_lazy("Conflicts"),
        gettext_lazy("Known with different content, which stays."),
    ),
    "skipped": (
        gettext_lazy("Skipped"),
        gettext_lazy("Not a message of a user or the agent."),
    ),
    "rejected": (gettext_lazy("Rejected"), gettext_lazy("Cannot be recorded.")),
}


class Outcome(NamedTuple):
    """How many messages had one outcome, and why: pairs of reason and number."""

    key: str
    title: Text
    meaning: Text
    number: int
    reasons: list[tuple[str, int]]


class Row(NamedTuple):
    """One line of the list: an import, or an upload that is not imported yet."""

    url: str
    file_name: str
    format: str
    at: dt.datetime
    by: str
    state: str
    state_title: Text
    problem: str
    recorded: int | None = None
    rejected: int | None = None


def outcomes(counts: dict[str, int], reasons: dict[str, dict[str, int]]) -> list[Outcome]:
    """The outcomes that a page shows: always how many were recorded, others if there are any."""
    return [
        Outcome(key, title, meaning, counts[key], _by_number(reasons.get(key, {})))
        for key, (title, meaning) in OUTCOMES.items()
        if key == "recorded" or counts.get(key)
    ]


def too_large() -> str:
    """What the page says about a file that is larger than an upload may be."""
    limit = filesizeformat(settings.ENV.max_import_size)
    text = _("A file may have up to %(limit)s here. “frontdesk import” takes files of any size.")
    return text % {"limit": limit}


def title_of(format_: str) -> str:
    return FORMATS[format_].title if format_ in FORMATS else format_


@login_required
@require_safe
def imports(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    return show_list(request, get_agent_for(request.user, agent_id), UploadForm())


def show_list(
    request: HttpRequest, agent: Agent, form: UploadForm, status: int = 200
) -> HttpResponse:
    """The page with the list and the form that uploads a file."""
    uploads = Upload.objects.filter(agent=agent).exclude(state=Upload.State.DONE)
    busy = uploads.filter(state=Upload.State.IMPORTING, record__isnull=False)
    recorded = Import.objects.filter(agent=agent).exclude(id__in=busy.values("record"))
    page = Paginator(recorded, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "limit": settings.ENV.max_import_size,
        "too_large": too_large(),
        "formats": [format_.title for format_ in FORMATS.values()],
        "rows": [*(map(_upload_row, uploads) if page.number == 1 else ()), *map(_row, page)],
        "page": page,
        "list_url": reverse("imports:imports", args=[agent.id]),
    }
    template = "settings/imports/list.html"
    return show_section(request, agent, "imports", context, template=template, status=status)


@login_required
@require_safe
def show_import(request: HttpRequest, agent_id: uuid.UUID, import_id: uuid.UUID) -> HttpResponse:
    """One import and its report; while something happens to it, htmx asks again and again."""
    agent = get_agent_for(request.user, agent_id)
    row = get_object_or_404(Import, agent=agent, id=import_id)
    upload = row.uploads.order_by("-changed_at").first()
    counts = {key: getattr(row, key) for key in OUTCOMES}
    is_from_here = upload is not None and upload.state == Upload.State.DONE
    context = {
        "import": row,
        "state_title": STATES[Import.State(row.state)],
        "format_title": title_of(row.format),
        "outcomes": outcomes(counts, row.reasons),
        "problem": in_words(row.problem),
        "notices": notices_of(upload) if upload and is_from_here else [],
        "upload": upload,
        "rejected": upload_files.rejected(upload.id) if upload and is_from_here else {},
    }
    template = f"settings/imports/{'import_body' if is_poll(request, 'import') else 'import'}.html"
    return show_section(request, agent, "imports", context, template=template)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, agent_id: uuid.UUID, import_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    row = get_object_or_404(Import, agent=agent, id=import_id)
    here = reverse("imports:import", args=[agent.id, row.id])

    def act() -> HttpResponse:
        ledger_imports.request_undo(current_actor(request), row.id)
        return close_sheet(request, here, _("The import is being taken back."))

    context = {"agent": agent, "tab": "settings", "import": row}
    return serve_sheet(request, "settings/imports/take_back.html", context, act)


@login_required
@require_GET
def rejected(
    request: HttpRequest, agent_id: uuid.UUID, upload_id: uuid.UUID, key: str
) -> FileResponse:
    """What an import set aside: the lines, or the reasons."""
    agent = get_agent_for(request.user, agent_id)
    upload = get_object_or_404(Upload, agent=agent, id=upload_id)
    file = upload_files.rejected(upload.id).get(key)
    if file is None:
        raise Http404(_("There are no such lines, or they have been deleted."))
    audit.record(current_actor(request), "read_rejected", agent.id, upload=upload.id)
    return FileResponse(
        file.open("rb"), as_attachment=True, filename=file.name, content_type="text/plain"
    )


def is_poll(request: HttpRequest, target: str) -> bool:
    """Whether htmx asks for this part of the page, and not for all of it."""
    return request.headers.get("HX-Target", "").endswith(f"#{target}")


def notices_of(upload: Upload) -> list[str]:
    return [in_words(text) for text in upload.report.get("notices", [])]


def _row(row: Import) -> Row:
    return Row(
        reverse("imports:import", args=[row.agent_id, row.id]),
        row.file_name,
        title_of(row.format),
        row.started_at,
        row.started_by,
        row.state,
        STATES[Import.State(row.state)],
        in_words(row.problem),
        row.recorded,
        row.rejected,
    )


def _upload_row(upload: Upload) -> Row:
    return Row(
        reverse("imports:upload", args=[upload.agent_id, upload.id]),
        upload.file_name,
        title_of(upload.format),
        upload.uploaded_at,
        upload.requested_by,
        upload.state,
        upload.get_state_display(),
        in_words(upload.problem),
    )


def _by_number(reasons: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(reasons.items(), key=lambda item: -item[1])
