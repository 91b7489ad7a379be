"""Section 3.2, `services`: whether the units do their work. One probe a file."""
