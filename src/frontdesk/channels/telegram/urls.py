"""The address to which Telegram delivers a bot's updates."""

from django.urls import path

from frontdesk.channels.telegram import webhook

app_name = "telegram"

urlpatterns = [
    path("telegram/<uuid:bot_id>", webhook.receive, name="webhook"),
]
