"""`make bench`: how fast Frontdesk records and lists, beside the targets."""
