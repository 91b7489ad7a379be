"""What helps against a common problem: measured, changed, measured again, or taken back."""
