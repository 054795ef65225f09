"""Operators: sign-in, duty, tries, passwords, approvals, and who manages them."""
