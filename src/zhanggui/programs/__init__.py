"""How rooms become programs: data folder, settings, host, bank, terminals, demo data."""
