"""The agents, and the tabs of one agent. The Users tab is `frontdesk.people`."""

from django.urls import path

from frontdesk.agents import views

app_name = "agents"

urlpatterns = [
    path("agents", views.list_agents, name="list"),
    path("agents/new", views.create, name="create"),
    path("agents/<uuid:agent_id>", views.open_agent, name="open"),
    path("agents/<uuid:agent_id>/edit", views.edit, name="edit"),
    path("agents/<uuid:agent_id>/archive", views.archive, name="archive"),
    path("agents/<uuid:agent_id>/unarchive", views.unarchive, name="unarchive"),
    path("agents/<uuid:agent_id>/analytics", views.analytics, name="analytics"),
    path("agents/<uuid:agent_id>/settings", views.settings, name="settings"),
]
