"""Section 8: who is paged, and when it goes further up."""
