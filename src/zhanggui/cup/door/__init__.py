"""What a terminal and its host say to each other over the terminals' HTTP door."""
