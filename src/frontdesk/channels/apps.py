from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "frontdesk.channels"
    label = "channels"
