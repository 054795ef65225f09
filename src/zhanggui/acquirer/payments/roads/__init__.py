"""The roads to whoever decides about a payment's money: the card network, or a QR wallet."""
