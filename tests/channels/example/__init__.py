"""A channel for people who write to a chat server in memory: the example of the docs."""
