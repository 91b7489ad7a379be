"""The log of the watcher itself."""
