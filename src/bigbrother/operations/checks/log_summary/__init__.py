"""The last errors of a unit's log, summed up by cause."""
