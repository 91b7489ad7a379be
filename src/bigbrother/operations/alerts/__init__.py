"""Section 7.2: alerts, from the finding to the message."""
