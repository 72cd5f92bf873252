"""Files from elsewhere: Telegram Desktop exports and JSON lines."""
