"""Merchant copies against the day's list (对账), at the terminal that printed them."""
