"""`make bench`: how fast Frontdesk is, beside the targets."""
