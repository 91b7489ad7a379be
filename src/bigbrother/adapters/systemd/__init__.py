"""systemd as the service manager: where an operator runs the product in production."""
