"""One act on many users: chosen ones at once, all that match in the background."""
