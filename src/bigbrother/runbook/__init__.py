"""The document: every threshold, limit, retention, target and unit of the runbook, once, typed."""
