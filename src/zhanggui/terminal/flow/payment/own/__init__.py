"""Our code on the screen, which a customer's phone pays."""
