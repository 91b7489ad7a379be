"""Diagnosis (section 3.2): looks at everything side by side within a budget, and ranks causes."""
