"""The subjects of the reading side, one file each."""
