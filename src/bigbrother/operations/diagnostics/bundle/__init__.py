"""A diagnosis packed for somebody else: what was seen, logs, document, versions; no secrets."""
