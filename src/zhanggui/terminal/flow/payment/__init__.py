"""From standby to the outcome of a payment, and its reversal."""
