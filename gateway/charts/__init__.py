"""Charts as SVG from the server, each drawn from the same rows as its table."""
