"""What a service offering is, and when it fits a need. Plain Python."""
