"""What exists: agents and their API keys."""
