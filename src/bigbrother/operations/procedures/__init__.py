"""Procedures: lists of steps from the document, run so that a crash at any instant ends right."""
