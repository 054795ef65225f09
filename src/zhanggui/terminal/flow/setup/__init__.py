"""The settings of the terminal, changed by 99."""
