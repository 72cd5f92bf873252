"""The verdict on each message: access, blocks and limits."""
