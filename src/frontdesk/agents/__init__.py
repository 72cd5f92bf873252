"""Agents, their settings, and their API keys."""
