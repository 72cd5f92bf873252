"""The settings of what answers."""

from django.urls import path

from frontdesk.backends import views

app_name = "backends"

BACKEND = "agents/<uuid:agent_id>/settings/backend"

urlpatterns = [
    path(BACKEND, views.backend, name="backend"),
]
