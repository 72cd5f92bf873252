"""The forms of agents and of their settings, one module for each section."""
