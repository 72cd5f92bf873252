"""The commands of `frontdesk`, one module for each topic. They import Django only when they run."""
