"""Slips on paper: one description, laid out once, and its renderers side by side."""
