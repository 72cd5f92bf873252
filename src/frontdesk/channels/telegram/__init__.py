"""Telegram bots: no update is lost, and none is answered twice."""
