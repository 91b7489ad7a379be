"""An incoming webhook of Slack, or of whoever speaks its language."""
