"""Today's list, and what is done from a line of it."""
