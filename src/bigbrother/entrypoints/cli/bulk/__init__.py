"""Enrolling many people at once: the source, its parts, and the report by which it resumes."""
