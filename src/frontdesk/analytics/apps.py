from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "frontdesk.analytics"
    label = "analytics"
