"""Discord's channels, as DiscordChatExporter writes them in its format JSON."""
