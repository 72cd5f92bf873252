"""`make bench`: measures Frontdesk's speed and compares it with the targets."""
