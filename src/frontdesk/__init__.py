"""Frontdesk: the front desk of your AI agents."""

__version__ = "0.1.0"
