"""The terminals' HTTP door at the host: calls as work of the engine."""
