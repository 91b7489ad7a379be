"""The unit `bigbrother-ops`: `python -m bigbrother.entrypoints.ops`."""
