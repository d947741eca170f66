"""The border exchange: seals, carries, opens and receipts what agencies tell each other."""
