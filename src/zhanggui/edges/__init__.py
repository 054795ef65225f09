"""What touches the machine: framed TCP, durable SQLite files, logs, signals."""
