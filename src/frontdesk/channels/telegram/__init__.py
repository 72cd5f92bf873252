"""Telegram bots: updates in, answers out, nothing lost and nothing answered twice."""
