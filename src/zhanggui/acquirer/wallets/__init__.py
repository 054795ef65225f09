"""Orders at QR wallets: when what is asked, and what follows from what a wallet says."""
