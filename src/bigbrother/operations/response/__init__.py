"""Joins finding, alert, page and message, as the document says."""
