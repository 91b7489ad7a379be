"""Service recovery without a running installation."""
