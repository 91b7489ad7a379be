"""Real faults, one an issue of section 3.1: put in, seen, taken out again."""
