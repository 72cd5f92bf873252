"""The tags that operators put on users."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents import actions
from frontdesk.agents.models import Agent, Tag
from frontdesk.console.forms import posted
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.tags import TagForm
from frontdesk.console.settings.section import show_section
from frontdesk.console.sheets import close_sheet, serve_sheet
from frontdesk.ledger import agent_actions
from frontdesk.ledger.models import FacetCount
from frontdesk.people import facet_usage
from frontdesk.people.validation import ActionError


@login_required
@require_safe
def tags(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    counted = facet_usage.count_tags(agent.id, agent.tags.all())
    names = {each.item.name for each in counted}
    reported = facet_usage.reported_only(agent.id, FacetCount.Facet.TAG, names)
    return show_section(request, agent, "tags", {"tags": counted, "reported": reported})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create_tag(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """`?name=` is the name of a tag that is already reported."""
    agent = get_agent_for(request.user, agent_id)
    name = request.GET.get("name", "")[:255]
    form = TagForm(posted(request), instance=Tag(agent=agent), initial={"name": name})
    return _edit(request, agent, form, request.get_full_path())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_tag(request: HttpRequest, agent_id: uuid.UUID, tag_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    tag = get_object_or_404(Tag, agent=agent, id=tag_id)
    return _edit(request, agent, TagForm(posted(request), instance=tag), request.path)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_tag(request: HttpRequest, agent_id: uuid.UUID, tag_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    tag = get_object_or_404(Tag, agent=agent, id=tag_id)

    def act() -> HttpResponse:
        agent_actions.delete_tag(current_actor(request), tag)
        text = _("The tag %(tag)s is deleted.") % {"tag": tag.name}
        return close_sheet(request, _tags_url(agent), text)

    (counted,) = facet_usage.count_tags(agent.id, [tag])
    context = {"agent": agent, "tab": "settings", "tag": tag, "users": counted.users}
    return serve_sheet(request, "settings/delete_tag.html", context, act)


def _edit(request: HttpRequest, agent: Agent, form: TagForm, here: str) -> HttpResponse:
    tag = form.instance

    def act() -> HttpResponse:
        try:
            agent_actions.save_tag(current_actor(request), tag, form.old_name)
        except actions.TakenError:
            text = _("Another tag was just saved with the name “%(name)s”.") % {"name": tag.name}
            raise ActionError("name", text) from None
        is_renamed = form.old_name and form.old_name != tag.name
        text = _("The tag %(tag)s is saved.")
        if is_renamed:
            text = _("The tag %(tag)s is saved. Its users get the new name within moments.")
        return close_sheet(request, _tags_url(agent), text % {"tag": tag.name})

    context = {"agent": agent, "tab": "settings", "here": here}
    return serve_sheet(request, "settings/tag.html", context, act, form)


def _tags_url(agent: Agent) -> str:
    return reverse("agents:tags", args=[agent.id])
