"""The public addresses of the web chat."""

from django.urls import path

from frontdesk.channels.web import page_views, talk_views

app_name = "web"

CHAT = "chat/<uuid:agent_id>"

urlpatterns = [
    path("widget.js", page_views.widget_script, name="widget_script"),
    path(CHAT, page_views.chat, name="chat"),
    path(f"{CHAT}/embedded", page_views.embedded, name="embedded"),
    path(f"{CHAT}/widget", page_views.widget, name="widget"),
    path(f"{CHAT}/visitor", talk_views.visitor, name="visitor"),
    path(f"{CHAT}/messages", talk_views.messages, name="messages"),
    path(f"{CHAT}/messages/<uuid:message_id>/stop", talk_views.stop, name="stop"),
    path(f"{CHAT}/usage", talk_views.usage, name="usage"),
    path(f"{CHAT}/link", talk_views.link, name="link"),
    path(f"{CHAT}/<slug:channel>-link", talk_views.continue_link, name="continue_link"),
]
