"""One module per feature; a route reads a form, asks a service, shows a page."""
