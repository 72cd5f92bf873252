"""The commands of `frontdesk`, a module for each concern. They import Django only when they run."""
