"""Small facts beside the stage: what the journal keeps for the next power-on, as people see it, and how quick the host is."""
