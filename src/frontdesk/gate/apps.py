from django.apps import AppConfig


class GateConfig(AppConfig):
    name = "frontdesk.gate"
    label = "gate"
