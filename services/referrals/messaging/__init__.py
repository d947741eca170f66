"""Contract to use case, domain event to contract, and the clock."""
