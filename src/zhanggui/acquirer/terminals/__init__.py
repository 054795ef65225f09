"""Terminals as the acquirer sees them: who is admitted, which keys are valid, who was heard."""
