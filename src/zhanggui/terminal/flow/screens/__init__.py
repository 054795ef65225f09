"""Screens as data, and the frame that all of them share."""
