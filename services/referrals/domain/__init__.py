"""Plain Python: aggregates, events, ports, errors."""
