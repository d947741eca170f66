"""The door: the API edge and the web portal."""
