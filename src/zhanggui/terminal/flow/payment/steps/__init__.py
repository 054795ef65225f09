"""What a payment asks for, one small file a step."""
