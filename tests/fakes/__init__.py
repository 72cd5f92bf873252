"""Servers that tests talk to in place of OpenAI and Telegram, started by the tests themselves."""
