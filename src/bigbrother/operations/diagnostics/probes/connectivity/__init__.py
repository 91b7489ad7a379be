"""Section 3.2, `connectivity`: whether what we talk to is reached. One probe a file."""
