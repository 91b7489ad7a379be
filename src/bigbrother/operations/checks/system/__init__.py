"""Section 2.1, system: the machine."""
