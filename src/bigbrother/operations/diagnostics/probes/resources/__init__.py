"""Section 3.2, `resources`: whether the machine has enough of everything. One probe a file."""
