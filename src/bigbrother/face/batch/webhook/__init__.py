"""Telling the end of a batch to the address that its client gave."""
