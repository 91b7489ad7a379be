"""Section 2.1, ml: the model."""
