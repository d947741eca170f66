"""What the parties agree on: terms, envelopes, events. Needs pydantic only."""
