"""supervisord as the embedded service manager: where no systemd keeps the units."""
