"""Sections 2.1: checks, one a file; the file's name is the check's."""
