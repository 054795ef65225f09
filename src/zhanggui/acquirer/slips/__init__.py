"""What belongs to slips: signatures, their documents, and the copies that were ticked off."""
