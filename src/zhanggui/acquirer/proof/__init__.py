"""Proof of records: how chains are made, checked, exported and kept."""
