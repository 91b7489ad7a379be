"""Measurements, each as a ratio to a named limit or rival in the same run."""
