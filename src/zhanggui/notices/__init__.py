"""What QR wallets tell the host unasked, over HTTP."""
