"""Tables, and one repository per aggregate."""
