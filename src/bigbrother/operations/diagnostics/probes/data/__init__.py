"""Section 3.2, `data`: whether the database is well. One probe a file."""
