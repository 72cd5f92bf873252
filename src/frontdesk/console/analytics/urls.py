"""Analytics of one agent; of all agents at /analytics."""

from django.urls import path

from frontdesk.console.analytics import agent, company

app_name = "analytics"

urlpatterns = [
    path("analytics", company.company_page, name="company"),
    path("analytics/<slug:key>.csv", company.company_csv, name="company-csv"),
    path("agents/<uuid:agent_id>/analytics", agent.agent_page, name="agent"),
    path("agents/<uuid:agent_id>/analytics/<slug:key>.csv", agent.agent_csv, name="agent-csv"),
]
