"""The watcher's tasks, one a file; `catalogue` lists them."""
