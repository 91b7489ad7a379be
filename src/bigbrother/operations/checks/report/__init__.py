"""The daily run and the report that it leaves."""
