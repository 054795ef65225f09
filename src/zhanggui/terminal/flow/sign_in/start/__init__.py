"""The start screen: what stands there until somebody signs in, and its keys."""
