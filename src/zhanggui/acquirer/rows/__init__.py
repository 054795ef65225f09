"""What the acquirer keeps, what a rule may see of it, and what a decision is."""
