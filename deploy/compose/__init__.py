"""A rehearsal of production on one machine: the same parts, in containers."""
