"""The channels' settings; what the public asks is in web/urls.py and telegram/urls.py."""

from django.urls import path

from frontdesk.channels import views

app_name = "channels"

urlpatterns = [
    path("agents/<uuid:agent_id>/settings/channels", views.channels, name="channels"),
]
