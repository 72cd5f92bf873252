"""What Telegram asks, and the settings of a bot."""

from django.urls import path

from frontdesk.channels.telegram import settings_views, webhook

app_name = "telegram"

SETTINGS = "agents/<uuid:agent_id>/settings/channels/telegram"

urlpatterns = [
    path("telegram/<uuid:bot_id>", webhook.receive, name="webhook"),
    path(SETTINGS, settings_views.status, name="status"),
    path(f"{SETTINGS}/connect", settings_views.connect, name="connect"),
    path(f"{SETTINGS}/disconnect", settings_views.disconnect, name="disconnect"),
]
