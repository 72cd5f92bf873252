"""Analytics of one agent; the same blocks over all agents are at /analytics."""

from django.urls import path

from frontdesk.analytics import views

app_name = "analytics"

urlpatterns = [
    path("agents/<uuid:agent_id>/analytics", views.agent_page, name="agent"),
    path("agents/<uuid:agent_id>/analytics/<slug:key>.csv", views.agent_csv, name="agent-csv"),
]
