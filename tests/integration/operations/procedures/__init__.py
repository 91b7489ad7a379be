"""Procedures with real processes and a real ops.db."""
