from django.apps import AppConfig


class ExampleConfig(AppConfig):
    """A channel of Frontdesk registers itself in ready(). This one exists only for its test."""

    name = "tests.channels.example"
    label = "example"
