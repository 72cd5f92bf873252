"""Where Telegram delivers what people write to a bot."""

from django.urls import path

from frontdesk.channels.telegram import webhook

app_name = "telegram"

urlpatterns = [
    path("telegram/<uuid:bot_id>", webhook.receive, name="webhook"),
]
