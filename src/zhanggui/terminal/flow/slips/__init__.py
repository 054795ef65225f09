"""Slips of an approved payment: signature, two copies, reprint."""
