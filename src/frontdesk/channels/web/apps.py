from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "frontdesk.channels.web"
    label = "web"

    def ready(self) -> None:
        from frontdesk.channels.registry import register
        from frontdesk.channels.web.channel import WebChannel

        register(WebChannel())
