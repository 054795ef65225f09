"""What a manager does at a terminal."""
