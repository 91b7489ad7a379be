"""Section 4.1: bringing a unit back that its manager could not heal."""
