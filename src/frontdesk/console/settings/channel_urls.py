"""The settings of an agent's channels. Public addresses belong to each channel."""

from django.urls import path

from frontdesk.console.settings import channels, telegram, web_chat

app_name = "channels"

CHANNELS = "agents/<uuid:agent_id>/settings/channels"

urlpatterns = [
    path(CHANNELS, channels.channels, name="channels"),
    path(f"{CHANNELS}/web", web_chat.change_chat, name="change_chat"),
    path(f"{CHANNELS}/web/open", web_chat.open_chat, name="open_chat"),
    path(f"{CHANNELS}/web/close", web_chat.close_chat, name="close_chat"),
    path(f"{CHANNELS}/web/secret", web_chat.make_secret, name="make_secret"),
    path(f"{CHANNELS}/web/secret/remove", web_chat.remove_secret, name="remove_secret"),
    path(f"{CHANNELS}/telegram", telegram.status, name="telegram-status"),
    path(f"{CHANNELS}/telegram/connect", telegram.connect, name="telegram-connect"),
    path(f"{CHANNELS}/telegram/edits", telegram.change_edits, name="telegram-edits"),
    path(f"{CHANNELS}/telegram/disconnect", telegram.disconnect, name="telegram-disconnect"),
]
