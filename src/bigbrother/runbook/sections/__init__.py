"""The document, a module for each part of the source."""
