"""The web chat: a hosted page, and a widget for any site."""
