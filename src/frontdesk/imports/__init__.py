"""Files of other programs; formats.py lists the formats."""
