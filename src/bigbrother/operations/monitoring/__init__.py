"""Section 2.2: what is looked at, when, and what became of the figures."""
