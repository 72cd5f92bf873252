from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "frontdesk.ledger"
    label = "ledger"
