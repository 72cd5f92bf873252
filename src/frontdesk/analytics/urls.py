"""Analytics of one agent; of all agents at /analytics."""

from django.urls import path

from frontdesk.analytics import views
from frontdesk.analytics.company import views as company

app_name = "analytics"

urlpatterns = [
    path("analytics", company.company_page, name="company"),
    path("analytics/<slug:key>.csv", company.company_csv, name="company-csv"),
    path("agents/<uuid:agent_id>/analytics", views.agent_page, name="agent"),
    path("agents/<uuid:agent_id>/analytics/<slug:key>.csv", views.agent_csv, name="agent-csv"),
]
