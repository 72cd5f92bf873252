"""Telegram Desktop's exports (`result.json`), of one chat or a whole account."""
