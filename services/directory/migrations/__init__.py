"""Schema of the directory."""
