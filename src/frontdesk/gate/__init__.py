"""Who may go on talking: access, blocks, limits; the verdict on each message."""
