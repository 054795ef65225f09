"""What the journal keeps for the next power-on, as people see it."""
