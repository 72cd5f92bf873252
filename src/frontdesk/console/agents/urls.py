"""The agents, and the tabs of one agent. The Users tab is `console.users`."""

from django.urls import path

from frontdesk.console.agents import views
from frontdesk.console.settings import (
    access,
    danger,
    general,
    keys,
    limits,
    plans,
    prices,
    privacy,
    tags,
    texts,
)

app_name = "agents"

AGENT = "agents/<uuid:agent_id>"
SETTINGS = f"{AGENT}/settings"

urlpatterns = [
    path("agents", views.list_agents, name="list"),
    path("agents/new", views.create, name="create"),
    path(AGENT, views.open_agent, name="open"),
    path(f"{AGENT}/edit", general.edit, name="edit"),
    path(f"{AGENT}/pause", general.pause, name="pause"),
    path(f"{AGENT}/resume", general.resume, name="resume"),
    path(f"{AGENT}/archive", general.archive, name="archive"),
    path(f"{AGENT}/unarchive", general.unarchive, name="unarchive"),
    path(SETTINGS, general.general, name="settings"),
    path(f"{SETTINGS}/access", access.access, name="access"),
    path(f"{SETTINGS}/access/invite", access.invite, name="invite"),
    path(f"{SETTINGS}/access/empty", access.uninvite_all, name="uninvite-all"),
    path(f"{SETTINGS}/access/<uuid:invitee_id>/remove", access.uninvite, name="uninvite"),
    path(f"{SETTINGS}/limits", limits.limits, name="limits"),
    path(f"{SETTINGS}/limits/try/<slug:key>", limits.try_limit, name="try-limit"),
    path(f"{SETTINGS}/plans", plans.plans, name="plans"),
    path(f"{SETTINGS}/plans/new", plans.create_plan, name="create-plan"),
    path(f"{SETTINGS}/plans/<uuid:plan_id>", plans.edit_plan, name="edit-plan"),
    path(f"{SETTINGS}/plans/<uuid:plan_id>/delete", plans.delete_plan, name="delete-plan"),
    path(f"{SETTINGS}/tags", tags.tags, name="tags"),
    path(f"{SETTINGS}/tags/new", tags.create_tag, name="create-tag"),
    path(f"{SETTINGS}/tags/<uuid:tag_id>", tags.edit_tag, name="edit-tag"),
    path(f"{SETTINGS}/tags/<uuid:tag_id>/delete", tags.delete_tag, name="delete-tag"),
    path(f"{SETTINGS}/texts", texts.texts, name="texts"),
    path(f"{SETTINGS}/keys", keys.keys, name="keys"),
    path(f"{SETTINGS}/keys/new", keys.create_key, name="create-key"),
    path(f"{SETTINGS}/keys/<uuid:key_id>/revoke", keys.revoke_key, name="revoke-key"),
    path(f"{SETTINGS}/prices", prices.prices, name="prices"),
    path(f"{SETTINGS}/privacy", privacy.privacy, name="privacy"),
    path(f"{SETTINGS}/privacy/notice", privacy.notice, name="notice"),
    path(f"{SETTINGS}/danger", danger.danger, name="danger"),
]
