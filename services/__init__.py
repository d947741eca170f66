"""The services of a node; each owns its database and talks to the others by events."""
