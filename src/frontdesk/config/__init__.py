"""Settings, from the environment and for Django."""
