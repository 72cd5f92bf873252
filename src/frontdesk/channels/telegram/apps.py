from django.apps import AppConfig


class TelegramConfig(AppConfig):
    name = "frontdesk.channels.telegram"
    label = "telegram"

    def ready(self) -> None:
        from frontdesk.channels.registry import register
        from frontdesk.channels.telegram.channel import TelegramChannel

        register(TelegramChannel())
