"""What explains what was seen. A cause is a module here and a line of `catalogue`."""

from bigbrother.operations.diagnostics.causes.analyze import analyze_results

__all__ = ["analyze_results"]
