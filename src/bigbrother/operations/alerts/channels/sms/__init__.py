"""Text messages through an interface like that of Twilio."""
