"""The command line: a file a section."""
