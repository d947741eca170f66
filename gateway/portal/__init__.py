"""The web portal: a backend-for-frontend whose pages work without scripts."""
