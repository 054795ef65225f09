"""Lines to those who decide about the money: the card network."""
