"""The only writer of conversation data."""
