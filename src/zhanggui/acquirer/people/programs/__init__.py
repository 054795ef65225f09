"""Programs that act in a person's name: their tokens, and what they were answered."""
