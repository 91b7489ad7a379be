"""Solutions against a running service."""
