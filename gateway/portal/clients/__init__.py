"""One module per service: the only places that know the shapes of its API."""
