"""Section 2.1, application."""
