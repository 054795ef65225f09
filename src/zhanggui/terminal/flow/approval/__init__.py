"""A supervisor's approval on the spot."""
