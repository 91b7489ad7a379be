"""The watcher: observes, pages, explains; one folder a section of the runbook."""
