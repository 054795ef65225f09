"""Made-up sign-in history of fleets, with labels."""
