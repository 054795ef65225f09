"""Money: the lines of the double-entry ledger."""
