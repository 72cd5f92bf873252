"""Servers that stand in for OpenAI and Telegram, started by the tests themselves."""
