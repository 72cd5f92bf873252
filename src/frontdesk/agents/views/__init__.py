"""The pages of agents: their cards, and one module for each section of the settings."""
