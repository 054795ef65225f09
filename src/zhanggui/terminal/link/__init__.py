"""From what the flow asks to messages on the wire, and back."""
