"""The messages as typed values: each builds its `Message` and is read from one."""
