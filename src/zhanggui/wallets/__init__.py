"""Three simulated QR wallets that demo and tests pay with: their books, their interface for a host, and a page that is a phone."""
