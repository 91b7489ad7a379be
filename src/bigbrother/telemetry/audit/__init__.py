"""The audit: who used whose face for what, in a chain that shows every later change."""
