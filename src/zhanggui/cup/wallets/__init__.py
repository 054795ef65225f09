"""What host and wallets share: brands, codes with their words, messages, and what is signed."""
