"""Payments and what undoes them."""
