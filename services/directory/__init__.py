"""Service offerings: what agencies offer, to whom, where, and whether there is a place."""
