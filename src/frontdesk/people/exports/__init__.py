"""Users as files, and one person's data as a zip."""
