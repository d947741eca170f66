"""What deployment runs from the image besides the services' own roles."""
