"""Telegram Desktop's exports (`result.json`): one chat, or a whole account."""
