"""掌柜 Zhanggui: card payments from the terminal's sign-in to the bank, in one distribution."""

__version__ = "0.1.0"
