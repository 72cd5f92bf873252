"""The sheets of actions on one user: block, plan, tags, limits, attributes."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from frontdesk.agents.models import Agent, Tag
from frontdesk.console.forms import posted
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.limits import LimitsForm
from frontdesk.console.sheets import close_sheet, serve_sheet
from frontdesk.console.users.action_forms import (
    AttributeForm,
    BlockForm,
    PlanForm,
    TagsForm,
)
from frontdesk.console.users.sidebar import as_text, plan_of, tag_badges
from frontdesk.console.users.subject import get_user_for, profile_url
from frontdesk.gate import blocks, texts, user_limits
from frontdesk.gate.limit_status import limit_status
from frontdesk.ledger.models import EndUser
from frontdesk.people import actions
from frontdesk.people.validation import MAX_TEXT


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def block(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """Block the user, or replace the block in force."""
    agent, user = get_user_for(request.user, agent_id, user_id)
    current = blocks.current([user.id]).get(user.id)
    form = BlockForm(posted(request), initial=_initial(current))

    def act() -> HttpResponse:
        data = form.cleaned_data
        actions.block(
            current_actor(request),
            agent,
            [user.id],
            reason=data["reason"],
            until=form.end,
            note=data["note"],
            text=data["text"],
        )
        return close_sheet(
            request, profile_url(user), _("%(user)s is blocked.") % {"user": user.label}
        )

    context = _context(agent, user) | {
        "blocked": current,
        "past_blocks": [each for each in blocks.history(user.id) if each != current][:20],
        "preview": _preview(agent, user, form),
    }
    return serve_sheet(request, "users/actions/block.html", context, act, form)


@login_required
@require_safe
def block_preview(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """The text that the user will read, requested while the form is being filled in."""
    agent, user = get_user_for(request.user, agent_id, user_id)
    preview = _preview(agent, user, BlockForm(request.GET))
    return render(request, "users/actions/block_preview.html", {"preview": preview})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def unblock(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """Ask, then end the block in force, on any of the linked identities."""
    agent, user = get_user_for(request.user, agent_id, user_id)

    def act() -> HttpResponse:
        actions.unblock(current_actor(request), agent, [user.id])
        text = _("%(user)s may write again.") % {"user": user.label}
        return close_sheet(request, profile_url(user), text)

    context = _context(agent, user) | {"blocked": blocks.current([user.id]).get(user.id)}
    return serve_sheet(request, "users/actions/unblock.html", context, act)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """Assign a plan to the user, or remove it."""
    agent, user = get_user_for(request.user, agent_id, user_id)
    initial = {"plan": user.assigned_plan, "until": user.plan_until}
    form = PlanForm(agent, user.plan, posted(request), initial=initial)

    def act() -> HttpResponse:
        plan, until = form.cleaned_data["plan"], form.cleaned_data["until"]
        actions.assign_plan(current_actor(request), agent, [user.id], plan, until)
        return close_sheet(request, profile_url(user), _("The plan is saved."))

    return serve_sheet(request, "users/actions/plan.html", _context(agent, user), act, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tags(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """Add tags to the user and remove them. Reported tags stay."""
    agent, user = get_user_for(request.user, agent_id, user_id)
    known = Tag.objects.filter(agent=agent).values_list("name", flat=True)
    names = sorted({*known, *user.assigned_tags})
    form = TagsForm(names, posted(request), initial={"tags": user.assigned_tags})

    def act() -> HttpResponse:
        before = set(user.assigned_tags)
        added, removed = form.chosen - before, before - form.chosen
        actions.change_tags(current_actor(request), agent, [user.id], added, removed)
        return close_sheet(request, profile_url(user), _("The tags are saved."))

    reported = [tag for tag in tag_badges(agent, [user]) if tag.is_reported]
    context = _context(agent, user) | {"reported": reported}
    return serve_sheet(request, "users/actions/tags.html", context, act, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """The user's own limits."""
    agent, user = get_user_for(request.user, agent_id, user_id)
    own_plan = plan_of(agent, user)
    of_plan = own_plan.limits if own_plan else {}
    form = LimitsForm(
        posted(request),
        limits=user_limits.limits_of(user.id),
        wider={**agent.limits, **of_plan},
        of_plan=of_plan,
    )

    def act() -> HttpResponse:
        actions.set_limits(current_actor(request), agent, user.id, form.limits)
        return close_sheet(request, profile_url(user), _("The limits are saved."))

    context = _context(agent, user) | {"limit_status": limit_status(agent, user)}
    return serve_sheet(request, "users/actions/limits.html", context, act, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def attributes(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """Add an attribute or, with `name`, change or remove one that an operator added."""
    agent, user = get_user_for(request.user, agent_id, user_id)
    name = request.GET.get("name", "")
    if name and name not in user.assigned_attributes:
        raise Http404(_("This attribute no longer exists."))
    before = as_text(user.assigned_attributes[name]) if name else ""
    if request.method == "POST" and "remove" in request.POST:
        rest = {key: value for key, value in user.assigned_attributes.items() if key != name}
        actions.assign_attributes(current_actor(request), agent, user.id, rest)
        return close_sheet(request, profile_url(user), _("The attribute is removed."))
    form = AttributeForm(posted(request), initial={"name": name, "value": before})

    def act() -> HttpResponse:
        changed = _with(user.assigned_attributes, name, before, form)
        actions.assign_attributes(current_actor(request), agent, user.id, changed)
        return close_sheet(request, profile_url(user), _("The attribute is saved."))

    context = _context(agent, user) | {"name": name}
    return serve_sheet(request, "users/actions/attribute.html", context, act, form)


def _preview(agent: Agent, user: EndUser, form: BlockForm) -> str:
    """The text of the block as the form describes it so far, in the user's language."""
    if form.is_bound:
        form.is_valid()  # sets `end`; other errors do not matter here
        text, end = str(form.data.get("text", "")).strip(), form.end
    else:
        text, end = form.initial.get("text", ""), form.initial.get("until")
    if text:
        return texts.fill(agent, text[:MAX_TEXT], user.language or agent.language, retry=end)
    return texts.text_for(agent, "blocked", user.language, retry=end)


def _context(agent: Agent, user: EndUser) -> dict[str, Any]:
    return {"agent": agent, "tab": "users", "main": user}


def _initial(current: Any) -> dict[str, Any]:
    """The initial values of the form, from the block in force."""
    if current is None:
        return {}
    until = {"how_long": "good"} if current.is_for_good else {"how_long": "date"}
    end = None if current.is_for_good else current.until
    return {
        "reason": current.reason,
        "text": current.text,
        "note": current.note,
        "until": end,
    } | until


def _with(
    attributes: dict[str, Any], name: str, before: str, form: AttributeForm
) -> dict[str, Any]:
    """The attributes, with the form's attribute in place of the one called `name`.

    A value that is not text, such as a number set by the API, keeps its type if it is unchanged.
    """
    new, value = form.cleaned_data["name"], form.cleaned_data["value"]
    if new != name and new in attributes:
        raise actions.ActionError("name", _("There is already an attribute with this name."))
    kept = attributes[name] if name and value == before else value
    return {key: v for key, v in attributes.items() if key != name} | {new: kept}
