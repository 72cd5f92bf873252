from django.apps import AppConfig


class TelegramConfig(AppConfig):
    name = "frontdesk.channels.telegram"
    label = "telegram"
