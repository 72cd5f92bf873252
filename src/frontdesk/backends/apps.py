from django.apps import AppConfig


class BackendsConfig(AppConfig):
    name = "frontdesk.backends"
    label = "backends"
