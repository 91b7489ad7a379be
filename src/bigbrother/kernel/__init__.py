"""Words that every part shares: quantities, time, errors, identifiers. No input or output."""
