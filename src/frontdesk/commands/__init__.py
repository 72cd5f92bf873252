"""The commands of `frontdesk`, one module for each concern. They import Django when they run."""
