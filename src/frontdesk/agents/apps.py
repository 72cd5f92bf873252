from django.apps import AppConfig


class AgentsConfig(AppConfig):
    name = "frontdesk.agents"
    label = "agents"
