"""From a file to its import: uploading, the dry run, options, and the progress."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents.models import Agent
from frontdesk.console.operators import current_actor
from frontdesk.console.receiving import Receiver
from frontdesk.console.settings.forms.imports import (
    OptionsForm,
    UploadForm,
    in_words,
    options_in,
)
from frontdesk.console.settings.imports import (
    is_poll,
    notices_of,
    outcomes,
    show_list,
    title_of,
    too_large,
)
from frontdesk.console.settings.section import show_section
from frontdesk.core.text import clean_line
from frontdesk.imports import upload_files, uploads
from frontdesk.imports.models import Upload

OVERHEAD = 64 * 1024
"""Bytes of a form besides its file."""


@csrf_exempt  # the token is in the body, which is read below, once the file has its place
@login_required
@require_POST
def receive(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Receive a file to import. Nothing is read for anyone who may not, or of what is too large."""
    agent = get_agent_for(request.user, agent_id)
    if problem := _refusal(agent, int(request.META.get("CONTENT_LENGTH") or 0)):
        return _refused(request, agent, problem, 413)
    receiver = Receiver(upload_files.new_part())
    request.upload_handlers = [receiver]
    try:
        return _receive(request, agent, receiver)
    except OSError as error:
        problem = _("The file could not be stored: %(reason)s") % {"reason": error.strerror}
        return _refused(request, agent, problem, 507)
    finally:
        receiver.discard()


@csrf_protect
def _receive(request: HttpRequest, agent: Agent, receiver: Receiver) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return show_list(request, agent, form, 422)
    file = form.cleaned_data["file"]
    name = clean_line(file.name) or _("a file")
    format_ = form.cleaned_data["format"]
    actor = current_actor(request)
    upload = uploads.add(actor, agent, receiver.path, name, file.size, format_)
    return redirect("imports:upload", agent.id, upload.id)


def _refusal(agent: Agent, length: int) -> str:
    """Why a body of this length is not received, or empty."""
    if length > settings.ENV.max_import_size + OVERHEAD:
        return too_large()
    if length > upload_files.free_space():
        return _("The server’s disk has too little space for this file.")
    if uploads.waiting(agent) >= uploads.MAX_WAITING:
        return _("Too many files wait already: import or cancel some of them first.")
    return ""


def _refused(request: HttpRequest, agent: Agent, problem: str, status: int) -> HttpResponse:
    form = UploadForm({}, {})
    form.errors.clear()
    form.add_error("file", problem)
    return show_list(request, agent, form, status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, agent_id: uuid.UUID, upload_id: uuid.UUID) -> HttpResponse:
    """What was found in a file. A POST checks it again, as another format or with other options.

    `?format=` shows the options of another format.
    """
    agent, found = _find(request, agent_id, upload_id)
    if found.state == Upload.State.DONE and found.record_id:
        return _moved(request, reverse("imports:import", args=[agent.id, found.record_id]))
    if request.method == "POST":
        form = OptionsForm(agent, request.POST.get("format", ""), {}, request.POST)
        if form.is_valid():
            uploads.check(current_actor(request), found, form.cleaned_data["format"], form.stored)
            return redirect("imports:upload", agent.id, found.id)
    else:
        form = OptionsForm(agent, request.GET.get("format", found.format), found.options)
    return _show(request, agent, found, form)


@login_required
@require_POST
def begin(request: HttpRequest, agent_id: uuid.UUID, upload_id: uuid.UUID) -> HttpResponse:
    agent, found = _find(request, agent_id, upload_id)
    uploads.begin(current_actor(request), found)
    return redirect("imports:upload", agent.id, found.id)


@login_required
@require_POST
def stop(request: HttpRequest, agent_id: uuid.UUID, upload_id: uuid.UUID) -> HttpResponse:
    agent, found = _find(request, agent_id, upload_id)
    uploads.stop(current_actor(request), found)
    return redirect("imports:upload", agent.id, found.id)


@login_required
@require_POST
def cancel(request: HttpRequest, agent_id: uuid.UUID, upload_id: uuid.UUID) -> HttpResponse:
    """Delete the uploaded file."""
    agent, found = _find(request, agent_id, upload_id)
    uploads.cancel(current_actor(request), found)
    messages.success(request, _("The file %(name)s is deleted.") % {"name": found.file_name})
    return redirect("imports:imports", agent.id)


def _find(request: HttpRequest, agent_id: uuid.UUID, upload_id: uuid.UUID) -> tuple[Agent, Upload]:
    agent = get_agent_for(request.user, agent_id)
    return agent, get_object_or_404(Upload, agent=agent, id=upload_id)


def _show(request: HttpRequest, agent: Agent, found: Upload, form: OptionsForm) -> HttpResponse:
    counts = found.report.get("counts", {})
    context = {
        "upload": found,
        "format_title": title_of(found.format),
        "form": form,
        "problem": in_words(found.problem),
        "asked": options_in(found.problem),
        "notices": notices_of(found),
        "outcomes": outcomes(counts, found.report["reasons"]) if any(counts.values()) else [],
        "first": found.report.get("first", []),
    }
    template = f"settings/imports/{'upload_body' if is_poll(request, 'upload') else 'upload'}.html"
    status = 422 if form.errors else 200
    return show_section(request, agent, "imports", context, template=template, status=status)


def _moved(request: HttpRequest, url: str) -> HttpResponse:
    if is_poll(request, "upload"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)
