"""From what the services answer to what a page shows."""
