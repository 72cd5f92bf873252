"""Base templates, design system, static files, error pages."""
