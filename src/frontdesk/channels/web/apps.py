from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "frontdesk.channels.web"
    label = "web"
