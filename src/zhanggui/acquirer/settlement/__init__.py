"""The end of a batch: settlement and batch upload."""
